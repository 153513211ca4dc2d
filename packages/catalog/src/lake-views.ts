import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { LakeError, type ObjectStore, type Series } from '@lake/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import { filesOfTables, type PastTable } from './files-of-tables.ts'
import {
  emptyView,
  filledView,
  LAKE_TABLES,
  type LakeTableDefinition,
  quotedName,
  tableGlob,
  type ViewFiles,
} from './lake-tables.ts'
import type { ReadPoint } from './read-point.ts'

/** The views of a lake's tables, kept true to what lies in its folder. */
export interface LakeViews {
  /**
   * Looks which tables have files by now. DuckDB itself finds new files of a table that had one before;
   * only the first and the last file of a table change its view.
   */
  refresh(): Promise<void>
  /** Why a table has no view: its first file cannot be read. */
  failureOf(table: string): Error | undefined
  /** A table as it was; `undefined` when it had no file, and for views of the lake as it is. */
  past(table: Series['table']): PastTable | undefined
}

export interface LakeViewsOptions extends ReadPoint {
  readonly connection: DuckDBConnection
  readonly store: ObjectStore
  /** The folder of the lake, without a slash at its end. */
  readonly root: string
}

/**
 * Views that live in the connection's database; they are made by the first refresh. Those of the lake as it stood at a
 * moment are made once: what is past does not change.
 */
export function createLakeViews({ connection, store, root, asOf, knownAt }: LakeViewsOptions): LakeViews {
  const filled = new Map<string, boolean>()
  const failures = new Map<string, Error>()
  let queue: Promise<void> = Promise.resolve()

  let history: Awaited<ReturnType<typeof filesOfTables>> | undefined

  async function look(): Promise<void> {
    if (asOf !== undefined) {
      if (history === undefined) await lookBack(asOf)
      return
    }
    const found = await Promise.all(LAKE_TABLES.map(({ layer, name }) => holdsParquet(join(root, layer, name))))
    for (const [index, table] of LAKE_TABLES.entries()) {
      const isFilled = found[index] === true
      if (filled.get(table.name) === isFilled) continue
      await makeView(table, isFilled ? { placed: tableGlob(table, root), grown: [], kept: [] } : undefined)
    }
  }

  async function lookBack(moment: number): Promise<void> {
    const found = await filesOfTables(store, root, moment)
    for (const table of LAKE_TABLES) {
      const { view, failure } = found.get(table.name) ?? {}
      if (failure === undefined) await makeView(table, view)
      else failures.set(table.name, failure)
    }
    history = found
  }

  async function makeView(table: LakeTableDefinition, files: ViewFiles | undefined): Promise<void> {
    failures.delete(table.name)
    try {
      await connection.run(files === undefined ? emptyView(table) : filledView(table, files, knownAt))
      filled.set(table.name, files !== undefined)
    } catch (error) {
      // Without its view a query of this table fails and all others work; with an old one it would see no rows.
      await connection.run(`drop view if exists ${quotedName(table.name)}`)
      filled.delete(table.name)
      failures.set(table.name, error instanceof Error ? error : new Error(String(error)))
    }
  }

  return {
    refresh() {
      // One at a time: two that make the same view would conflict.
      queue = queue.then(look, look)
      return queue
    },
    failureOf: (table) => failures.get(table),
    past: (table) => history?.get(table),
  }
}

/** True when there is a Parquet file somewhere below a folder; stops at the first. */
async function holdsParquet(folder: string): Promise<boolean> {
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isFile() && entry.name.endsWith('.parquet')) return true
      if (entry.isDirectory() && (await holdsParquet(join(folder, entry.name)))) return true
    }
    return false
  } catch (error) {
    if (LakeError.is(error)) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // A folder may vanish while it is looked at.
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw new LakeError(code === 'EACCES' ? 'NO_PERMISSION' : 'STORE_FAILED', `${folder} cannot be listed.`, {
      cause: error,
      details: { folder },
    })
  }
}
