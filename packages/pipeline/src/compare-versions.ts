import {
  type DataType,
  integerValues,
  LakeError,
  microsOf,
  type ObjectStore,
  restatementKey,
  type Series,
} from '@lake/core'
import type { ManifestFile, ManifestInput } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { diffTables, type TableDiff } from '@lake/quality'
import type { Table } from 'apache-arrow'
import { compareRowTimes, type VersionComparison } from './compare-row-times.ts'
import { knownBytes } from './known-bytes.ts'
import { readSilverTable } from './read-silver-table.ts'
import { readTimes } from './read-times.ts'
import type { ChangedInput } from './restated-partition.ts'
import { writeReport } from './write-report.ts'

/** How many rows a report lists; it counts all. */
const LISTED = 10_000

/** Not compared: they name the series, which is the same. */
const IDENTITY: readonly string[] = ['exchange', 'market', 'symbol', 'interval', 'ts_available', 'source']

export interface CompareVersionsOptions {
  readonly store: ObjectStore
  readonly series: Series
  /** Tells when two rows are the same; of gold, which has a row an interval, `klines`. */
  readonly dataType: DataType
  /** The version that the manifest knows. */
  readonly known: ManifestFile
  /** The version that shall take its place. */
  readonly table: Table
  readonly sha256: string
  readonly inputs: readonly ManifestInput[]
  readonly signal?: AbortSignal | undefined
}

/** Compares a partition with the version that the lake holds. Rows that changed are kept as a report in the lake. */
export async function compareVersions(options: CompareVersionsOptions): Promise<VersionComparison> {
  const { store, series, known, sha256, inputs, signal } = options
  if (known.sha256 === sha256) return { restates: false }
  const bytes = await knownBytes(store, known, signal)
  const diff = bytes && (await diffBytes(bytes, options))
  if (bytes === undefined || diff === undefined) return { restates: undefined }
  if (diff.changed === 0 && diff.removed === 0) {
    const after = microsOf(integerValues(options.table, 'ts_event'))
    return compareRowTimes(await readTimes(bytes, known.key, signal), after)
  }
  const change = { key: known.key, before: known.sha256, after: sha256 }
  const restated = { restatement: 1, ...change, inputs: changedInputs(known.inputs, inputs), diff } as const
  await writeReport(store, restatementKey({ ...change, series, label: known.label }), restated, signal)
  return { restates: true, restated }
}

/** `undefined` when the old rows cannot be compared: an earlier release had other columns or another order. */
async function diffBytes(
  bytes: Uint8Array,
  { dataType, known, table: after, signal }: CompareVersionsOptions,
): Promise<TableDiff | undefined> {
  const columns = after.schema.names.map(String).filter((name) => !IDENTITY.includes(name))
  try {
    const file = { name: known.key, signal }
    const before =
      known.options['decimals'] === 'exact'
        ? await readSilverTable(bytes, { dataType, options: known.options, ...file })
        : await readParquet(bytes, { columns, ...file })
    return diffTables({ dataType, before, after, columns, limit: LISTED })
  } catch (error) {
    if (LakeError.is(error) && error.code === 'BAD_REQUEST') return undefined
    throw error
  }
}

function changedInputs(before: readonly ManifestInput[], after: readonly ManifestInput[]): ChangedInput[] {
  const [old, young] = [before, after].map((inputs) => new Map(inputs.map(({ key, sha256 }) => [key, sha256])))
  return [...new Set([...before, ...after].map(({ key }) => key))]
    .sort()
    .map((key) => ({ key, before: old?.get(key), after: young?.get(key) }))
    .filter((input) => input.before !== input.after)
}
