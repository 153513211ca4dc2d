import { join } from 'node:path'
import { type ObjectStore, type Series } from '@lake/core'
import { filesAt, type FileVersion, listManifests } from '@lake/ledger'
import type { KeptFile, ViewFiles } from './lake-tables.ts'

/**
 * The files of each table as a lake stood at a moment, told by its manifests; tables without any are absent.
 *
 * @param root the folder of the lake
 * @param asOf epoch microseconds UTC, of the lake's clock
 */
export async function filesOfTables(
  store: ObjectStore,
  root: string,
  asOf: number,
): Promise<ReadonlyMap<Series['table'], ViewFiles>> {
  const tables = new Map<Series['table'], { placed: string[]; kept: KeptFile[] }>()
  for await (const manifest of listManifests(store)) {
    const { series, month } = manifest
    const versions = filesAt(manifest, asOf).filter(({ file }) => file.rows > 0)
    if (versions.length === 0) continue
    const files = tables.get(series.table) ?? { placed: [], kept: [] }
    tables.set(series.table, files)
    const pathOf = ({ key }: FileVersion): string => join(root, key)
    const { exchange, market, symbol, interval } = series
    const folders = { exchange, market, symbol, ...(interval === undefined ? {} : { interval }), month }
    for (const version of versions) {
      const { isCurrent, hidden } = version
      if (isCurrent && hidden.length === 0) files.placed.push(pathOf(version))
      else files.kept.push({ path: pathOf(version), folders, hidden })
    }
  }
  return tables
}
