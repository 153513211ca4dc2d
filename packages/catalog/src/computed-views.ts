import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { LakeError } from '@lake/core'
import { writeParquet } from '@lake/parquet'
import type { ComputedTable } from './computed-table.ts'
import type { ReadPoint } from './read-point.ts'
import { escapeGlob, LAKE_TABLES, quotedName, quotedText } from './lake-tables.ts'

/** The views of tables that are computed. */
export interface ComputedViews {
  readonly names: readonly string[]
  /** Why a table has no view: it is asked for another moment than now. */
  failureOf(table: string): Error | undefined
  /** Computes the tables that a query names. */
  refresh(sql: string, signal?: AbortSignal): Promise<void>
}

/**
 * Views of computed tables. Each query that names one gets its rows anew, as a file in a folder that SQL may read and
 * that goes with the catalog; a query that still runs keeps the file that it began with. Their rows are those of now:
 * of another moment they have no view.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table has the name of another.
 */
export function createComputedViews(
  connection: DuckDBConnection,
  folder: string,
  tables: readonly ComputedTable[],
  { asOf, knownAt }: ReadPoint = {},
): ComputedViews {
  const names = tables.map(({ name }) => name)
  checkNames(names)
  const isNow = asOf === undefined && knownAt === undefined
  let queue: Promise<void> = Promise.resolve()
  let files = 0

  async function make(named: readonly ComputedTable[], signal: AbortSignal | undefined): Promise<void> {
    for (const table of named) {
      const { name, dates = [] } = table
      const file = join(folder, `${name}-${++files}.parquet`)
      await mkdir(folder, { recursive: true })
      await writeFile(file, writeParquet(await table.rows(signal)))
      const casts = dates.map((date) => `cast(${quotedName(date)} as date) as ${quotedName(date)}`)
      const columns = casts.length === 0 ? '*' : `* replace (${casts.join(', ')})`
      const source = `read_parquet(${quotedText(escapeGlob(file))})`
      await connection.run(`create or replace view ${quotedName(name)} as select ${columns} from ${source}`)
    }
  }

  return {
    names,
    failureOf: (name) => {
      const table = isNow ? undefined : tables.find((one) => one.name === name)
      return table && ofNow(table)
    },
    refresh(sql, signal) {
      if (!isNow) return Promise.resolve()
      const named = tables.filter(({ name }) => new RegExp(`\\b${name}\\b`, 'i').test(sql))
      if (named.length === 0) return Promise.resolve()
      const work = (): Promise<void> => make(named, signal)
      // One at a time: two that make the same view would conflict.
      const made = queue.then(work, work)
      queue = made.catch(() => undefined)
      return made
    },
  }
}

function ofNow({ name, insteadOfThen = '' }: ComputedTable): LakeError {
  const message = `The table '${name}' is computed of the lake as it is now, and cannot tell how it was at another moment. ${insteadOfThen} Ask it without asOf (--as-of) and knownAt (--known-at).`
  return new LakeError('UNSUPPORTED', message.replace('  ', ' '), { details: { table: name } })
}

function checkNames(names: readonly string[]): void {
  const taken = new Set<string>(LAKE_TABLES.map(({ name }) => name))
  for (const name of names) {
    if (!/^[a-z_]+$/.test(name) || taken.has(name)) {
      throw new LakeError(
        'BAD_REQUEST',
        `A computed table cannot be called '${name}': a word that no other table has.`,
        {
          details: { value: name },
        },
      )
    }
    taken.add(name)
  }
}
