import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { LakeError } from '@lake/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import { emptyView, filledView, LAKE_TABLES, type LakeTableDefinition, quotedName } from './lake-tables.ts'

/** The views of a lake's tables, kept true to what lies in its folder. */
export interface LakeViews {
  /**
   * Looks which tables have files by now. DuckDB itself finds new files of a table that had one before;
   * only the first and the last file of a table change its view.
   */
  refresh(): Promise<void>
  /** Why a table has no view: its first file cannot be read. */
  failureOf(table: string): Error | undefined
}

/** Views that live in the connection's database; they are made by the first refresh. */
export function createLakeViews(connection: DuckDBConnection, root: string): LakeViews {
  const filled = new Map<string, boolean>()
  const failures = new Map<string, Error>()
  let queue: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    const found = await Promise.all(LAKE_TABLES.map(({ layer, name }) => holdsParquet(join(root, layer, name))))
    for (const [index, table] of LAKE_TABLES.entries()) {
      const isFilled = found[index] === true
      if (filled.get(table.name) !== isFilled) await makeView(table, isFilled)
    }
  }

  async function makeView(table: LakeTableDefinition, isFilled: boolean): Promise<void> {
    failures.delete(table.name)
    try {
      await connection.run(isFilled ? filledView(table, root) : emptyView(table))
      filled.set(table.name, isFilled)
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
