import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LakeError } from '@lake/core'
import type { CommandContext } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { newExchangeFiles } from './new-exchange-files.ts'

export interface NewExchangeCommandOptions {
  /** The folder to make; `lake-exchange-<name>` when absent. */
  readonly into?: string | undefined
  readonly json?: boolean | undefined
}

/**
 * `lake new-exchange NAME`: a folder with an adapter that stands, its tests, a recorder of fixtures and a README. Writes
 * into a folder of its own, and never over a file.
 *
 * @param version of the packages of the lake
 */
export async function newExchangeCommand(
  id: string,
  options: NewExchangeCommandOptions,
  { terminal, workingDirectory }: CommandContext,
  version: string,
): Promise<number> {
  if (!/^[a-z][a-z0-9]*$/.test(id) || id === 'source') {
    throw new LakeError(
      'BAD_REQUEST',
      `An exchange is called by a lower-case word such as 'harbor', '${id}' is none.`,
      {
        details: { value: id },
      },
    )
  }
  const folder = resolve(workingDirectory, options.into ?? `lake-exchange-${id}`)
  const files = newExchangeFiles({ id, version })
  for (const [name, content] of files) {
    const path = join(folder, name)
    await writeNew(path, content)
  }
  if (options.json === true) terminal.out(`${JSON.stringify({ folder, files: [...files.keys()] })}\n`)
  else
    terminal.out(
      `${folder}\n${[...files.keys()].map((name) => `  ${name}\n`).join('')}Next: npm install && npm test there, then its README.\n`,
    )
  return EXIT.complete
}

async function writeNew(path: string, content: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content, { flag: 'wx' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    const details = { path, cause: cause.code }
    throw cause.code === 'EEXIST'
      ? new LakeError(
          'CONFLICT',
          `${path} exists, and is left as it is. Give another folder by --into, or move it away.`,
          { cause, details },
        )
      : new LakeError('STORE_FAILED', `${path} cannot be written: ${cause.message}. Files before it stand.`, {
          cause,
          details,
        })
  }
}
