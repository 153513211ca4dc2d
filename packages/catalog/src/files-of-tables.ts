import { join } from 'node:path'
import { LakeError, type ObjectStore, type Series, type TimeRange } from '@lake/core'
import { filesAt, type FileVersion, listManifests } from '@lake/ledger'
import type { GrownFiles, KeptFile, ViewFiles } from './lake-tables.ts'

/** A table as it was. */
export interface PastTable {
  readonly view: ViewFiles
  /** How many files it had then, and their bytes. */
  readonly files: number
  readonly bytes: number
  /** Why it cannot be read as it was: a version of then was pruned. */
  readonly failure: LakeError | undefined
}

/**
 * The tables as a lake stood at a moment, told by its manifests; those without any file are absent.
 *
 * @param root the folder of the lake
 * @param asOf epoch microseconds UTC, of the lake's clock
 */
export async function filesOfTables(
  store: ObjectStore,
  root: string,
  asOf: number,
): Promise<ReadonlyMap<Series['table'], PastTable>> {
  const tables = new Map<Series['table'], GrowingTable>()
  for await (const manifest of listManifests(store)) {
    const { series, month } = manifest
    const table = tables.get(series.table) ?? {
      ...{ view: { placed: [], grown: [], kept: [] }, byHidden: new Map<string, GrowingFiles>() },
      ...{ files: 0, bytes: 0, failure: undefined },
    }
    const versions = versionsOf(() => filesAt(manifest, asOf))
    if (LakeError.is(versions)) table.failure ??= versions
    else addFiles(table, root, month, series, versions)
    if (table.files > 0 || table.failure !== undefined) tables.set(series.table, table)
  }
  return tables
}

interface GrowingTable extends PastTable {
  readonly view: { readonly placed: string[]; readonly grown: GrowingFiles[]; readonly kept: KeptFile[] }
  /** The grown files of the view, by the stretches that are left out of them: one reading each. */
  readonly byHidden: Map<string, GrowingFiles>
  files: number
  bytes: number
  failure: LakeError | undefined
}

interface GrowingFiles extends GrownFiles {
  readonly paths: string[]
}

/** The versions, or that one of them was pruned: other tables can be read all the same. */
function versionsOf(find: () => FileVersion[]): FileVersion[] | LakeError {
  try {
    return find()
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return error
    throw error
  }
}

function addFiles(
  table: GrowingTable,
  root: string,
  month: string,
  { exchange, market, symbol, interval }: Series,
  versions: readonly FileVersion[],
): void {
  const folders = { exchange, market, symbol, ...(interval === undefined ? {} : { interval }), month }
  for (const { file, key, isCurrent, hidden } of versions) {
    if (file.rows === 0) continue
    table.files++
    table.bytes += file.bytes
    const path = join(root, key)
    if (!isCurrent) table.view.kept.push({ path, folders, hidden })
    else if (hidden.length === 0) table.view.placed.push(path)
    else addGrown(table, path, hidden)
  }
}

function addGrown({ view, byHidden }: GrowingTable, path: string, hidden: readonly TimeRange[]): void {
  const stretches = hidden.map(({ from, to }) => `${from}-${to}`).join()
  const same = byHidden.get(stretches)
  if (same !== undefined) {
    same.paths.push(path)
    return
  }
  const grown = { paths: [path], hidden }
  byHidden.set(stretches, grown)
  view.grown.push(grown)
}
