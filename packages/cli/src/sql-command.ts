import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatInstant, isLakeTable, LakeError } from '@lake/core'
import { qualityTable } from '@lake/pipeline'
import type { CommandContext, CommonOptions } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { noteEmptyLake } from './note-unheld.ts'
import { openLake } from './open-lake.ts'
import { openSqlEngine } from './open-sql-engine.ts'
import { parseMoment } from './parse-options.ts'
import { formatResult } from './sql-format.ts'
import { isBinary, type SqlFormat } from './sql-formats.ts'

export interface SqlCommandOptions extends CommonOptions {
  readonly format: SqlFormat
  readonly output?: string | undefined
  readonly asOf?: string | undefined
  readonly knownAt?: string | undefined
}

/** `lake sql`: one query, its rows in the format that was asked for. */
export async function sqlCommand(query: string, options: SqlCommandOptions, context: CommandContext): Promise<number> {
  const { terminal, signal, workingDirectory } = context
  const format = options.json === true ? 'json' : options.format
  if (isBinary(format) && options.output === undefined && terminal.outIsScreen) {
    throw new LakeError(
      'BAD_REQUEST',
      `${format} is binary and would garble the screen: add --output FILE, or pipe it on.`,
    )
  }
  const lake = await openLake(options.lake, { workingDirectory })
  if (asksTables(query)) await noteEmptyLake(lake, terminal)
  const point = {
    asOf: parseMoment('--as-of', options.asOf),
    knownAt: parseMoment('--known-at', options.knownAt),
  }
  const tables = [qualityTable(lake)]
  await using catalog = await openSqlEngine({ store: lake.store, tables, ...point, signal })
  const output = formatResult(await catalog.query(query, [], { signal }), format)
  if (point.asOf !== undefined && (await catalog.tables({ signal })).every(({ files }) => files === 0)) {
    terminal.err(
      `The lake held nothing at ${formatInstant(point.asOf)}, by its own clock. --known-at asks by the clock of the market.\n`,
    )
  }
  if (options.output === undefined) terminal.out(output)
  else await writeOutput(resolve(workingDirectory, options.output), output)
  return EXIT.complete
}

/** Whether a word of a query is a table of the lake: what it computes by itself needs none. */
function asksTables(query: string): boolean {
  return query.toLowerCase().split(/\W+/).some(isLakeTable)
}

async function writeOutput(path: string, output: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, output)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    const message = `The rows cannot be written: ${cause.message}. Give another file with --output.`
    throw new LakeError('BAD_REQUEST', message, { cause, details: { option: '--output', path, cause: cause.code } })
  }
}
