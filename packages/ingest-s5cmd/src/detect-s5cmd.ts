import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { LakeError } from '@lake/core'
import { processRunner } from './process-runner.ts'
import type { Runner } from './runner.ts'
import { s5cmdEnvironment } from './s5cmd-environment.ts'

/** A program s5cmd that can be used. */
export interface S5cmd {
  readonly path: string
  /** As in `2.3.0`. */
  readonly version: string
}

/** What is on this machine. */
export type S5cmdDetection =
  | { readonly s5cmd: S5cmd; readonly problem?: undefined }
  | { readonly s5cmd?: undefined; /** One sentence, with what to do. */ readonly problem: string }

export interface DetectOptions {
  /** Where it is; otherwise the first `s5cmd` on `PATH`. */
  readonly path?: string | undefined
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  readonly runner?: Runner | undefined
  readonly signal?: AbortSignal | undefined
}

/** The first that can take keys raw. */
const OLDEST = 2

/**
 * Whether this machine has a usable s5cmd, found out by asking it for its version. Its absence is no error:
 * transfers then stream through this process.
 *
 * @example
 * const { s5cmd, problem } = await detectS5cmd()
 * console.log(s5cmd === undefined ? problem : `s5cmd ${s5cmd.version}`)
 */
export async function detectS5cmd(options: DetectOptions = {}): Promise<S5cmdDetection> {
  const { environment = process.env, runner = processRunner(), signal } = options
  const path = options.path ?? (await findOnPath(environment['PATH'] ?? ''))
  if (path === undefined) {
    return { problem: 'There is no s5cmd on PATH. Get it from https://github.com/peak/s5cmd, or run without it.' }
  }
  const output: string[] = []
  const onLine = (line: string): void => {
    if (output.length < 10) output.push(line.slice(0, 200))
  }
  try {
    const quiet = { onOutput: onLine, onErrorOutput: onLine }
    await runner.run({ program: path, args: ['version'], environment: s5cmdEnvironment(environment), ...quiet, signal })
  } catch (error) {
    if (LakeError.is(error)) return { problem: error.message }
    throw error
  }
  const version = output.map((line) => /^v?(\d+\.\d+\.\d+)/.exec(line)?.[1]).find((found) => found !== undefined)
  if (version === undefined) return { problem: `${path} does not tell its version: it is not s5cmd, or it is damaged.` }
  if (Number.parseInt(version, 10) >= OLDEST) return { s5cmd: { path, version } }
  return { problem: `${path} is version ${version}: s5cmd ${OLDEST}.0.0 or later is needed.` }
}

async function findOnPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue
    for (const name of process.platform === 'win32' ? ['s5cmd.exe'] : ['s5cmd']) {
      const candidate = join(folder, name)
      const found = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (found) return candidate
    }
  }
  return undefined
}
