import {
  type DataType,
  LakeError,
  type ObjectStore,
  readObject,
  restatementKey,
  type Series,
  versionKey,
} from '@lake/core'
import { type ManifestFile, type ManifestInput, sha256Of } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { diffTables, type TableDiff } from '@lake/quality'
import type { Table } from 'apache-arrow'
import { readSilverTable } from './read-silver-table.ts'
import type { ChangedInput, RestatedPartition } from './restated-partition.ts'
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

/** What a new version does to the rows of the one before. */
export interface VersionComparison {
  /** Whether rows are changed or taken away; `undefined` when nobody can tell, since the old bytes are gone. */
  readonly restates: boolean | undefined
  /** The rows, where some are. */
  readonly restated?: RestatedPartition | undefined
}

/** Compares a partition with the version that the lake holds. Rows that changed are kept as a report in the lake. */
export async function compareVersions(options: CompareVersionsOptions): Promise<VersionComparison> {
  const { store, series, known, sha256, inputs, signal } = options
  if (known.sha256 === sha256) return { restates: false }
  const bytes = await knownBytes(store, known, signal)
  const diff = bytes && (await diffBytes(bytes, options))
  if (diff === undefined) return { restates: undefined }
  if (diff.changed === 0 && diff.removed === 0) return { restates: false }
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

/** The bytes that a manifest knows: as they lie there, or as a commit that was killed has kept them. */
async function knownBytes(
  store: ObjectStore,
  { key, sha256 }: ManifestFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  for (const place of [key, versionKey(sha256)]) {
    try {
      const bytes = await readObject(store, place, { signal })
      // The etag may be another one: of a lake that was copied elsewhere.
      if (sha256Of(bytes) === sha256) return bytes
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  return undefined
}

function isGone(error: unknown): boolean {
  return LakeError.is(error) && error.code === 'NOT_FOUND'
}

function changedInputs(before: readonly ManifestInput[], after: readonly ManifestInput[]): ChangedInput[] {
  const [old, young] = [before, after].map((inputs) => new Map(inputs.map(({ key, sha256 }) => [key, sha256])))
  return [...new Set([...before, ...after].map(({ key }) => key))]
    .sort()
    .map((key) => ({ key, before: old?.get(key), after: young?.get(key) }))
    .filter((input) => input.before !== input.after)
}
