import {
  type Columns,
  type DatasetId,
  type DataType,
  formatDatasetId,
  formatInstant,
  LakeError,
  type LakeTable,
  manifestPrefix,
  type ObjectInfo,
  type ObjectStore,
  parsePartitionKey,
  parsePeriod,
  rangesOverlap,
  rowsKnownAt,
  seriesPrefix,
  silverSeries,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import { filesAt, listManifests } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import type { DataType as ArrowType, Schema, Table } from 'apache-arrow'
import type { ReadPoint } from './read-point.ts'
import { rowsOutside } from './rows-outside.ts'
import { storeFile } from './store-file.ts'

export interface ReadDatasetOptions<D extends DataType, C = keyof Columns[D]> extends ReadPoint {
  readonly store: ObjectStore
  readonly dataset: DatasetId & { readonly dataType: D }
  /** Only rows whose `ts_event` lies in it, closed-open, epoch microseconds UTC; all rows without it. */
  readonly range?: TimeRange | undefined
  /** Only these columns; all of the data type without it. */
  readonly columns?: readonly C[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** The Arrow types of some columns of a data type. */
export type SelectedColumns<D extends DataType, C extends keyof Columns[D]> = {
  [N in C]: Columns[D][N] extends ArrowType ? Columns[D][N] : never
}

/**
 * The rows of a dataset in silver as typed Arrow tables, one a partition, in the order of time. Works on every store.
 *
 * Partitions outside the range are not opened; of the others only the pages that hold the range and columns are read.
 * A partition without rows in the range gives no table. `asOf` reads the versions that were the truth then, `knownAt`
 * leaves out the rows that could not be known: see {@link ReadPoint}.
 *
 * @throws {@link LakeError} `NOT_FOUND` when the lake has nothing of the dataset, or had nothing then, or a version of
 * then that the range touches was pruned; `CORRUPT_LAKE` naming the file that
 * cannot be read, `CONFLICT` when a partition is replaced while it is read, and what the store throws.
 *
 * @example
 * const dataset = { exchange: 'binance', market: 'spot', dataType: 'klines', symbol: 'BTCUSDT', interval: '1m' } as const
 * for await (const bars of readDataset({ store, dataset, columns: ['ts_event', 'close'] })) console.log(bars.numRows)
 */
export function readDataset<D extends DataType>(
  options: ReadDatasetOptions<D> & { readonly columns?: undefined },
): AsyncGenerator<LakeTable<D>, void, undefined>
export function readDataset<D extends DataType, C extends keyof Columns[D] & string>(
  options: ReadDatasetOptions<D, C> & { readonly columns: readonly C[] },
): AsyncGenerator<Table<SelectedColumns<D, C>>, void, undefined>
export async function* readDataset(
  options: ReadDatasetOptions<DataType, string>,
): AsyncGenerator<Table, void, undefined> {
  const { store, dataset, range, columns, asOf, knownAt, signal } = options
  const schema: Schema = tableSchema(dataset.dataType)
  // What is left out is told by a column that nobody may have asked for.
  for (const partition of await partitionsOf(store, dataset, { range, asOf, signal })) {
    signal?.throwIfAborted()
    const { info, hidden } = partition
    // What is left out is told by columns that nobody may have asked for.
    const needed = [...(knownAt === undefined ? [] : ['ts_available']), ...(hidden.length === 0 ? [] : ['ts_event'])]
    const read = columns === undefined ? columns : [...new Set([...columns, ...needed])]
    const source = storeFile(store, info, signal)
    const all = await readParquet(source, { schema, columns: read, range, name: info.key, signal })
    const then = hidden.length === 0 ? all : rowsOutside(all, hidden)
    const known = knownAt === undefined ? then : rowsKnownAt(then, knownAt)
    if (known.numRows > 0) yield columns === undefined ? known : known.select(inOrder(schema, columns))
  }
}

function inOrder(schema: Schema, columns: readonly string[]): string[] {
  return schema.names.map(String).filter((name) => columns.includes(name))
}

/** The partitions of a dataset whose period touches the range, in the order of time. */
async function partitionsOf(
  store: ObjectStore,
  dataset: DatasetId,
  { range, asOf, signal }: Pick<ReadDatasetOptions<DataType>, 'range' | 'asOf' | 'signal'>,
): Promise<Partition[]> {
  const found =
    asOf === undefined
      ? listPartitions(store, dataset, { range, signal })
      : listVersions(store, dataset, { asOf, range, signal })
  const partitions: Partition[] = []
  let isHeld = false
  for await (const partition of found) {
    isHeld = true
    if (partition !== OUTSIDE) partitions.push(partition)
  }
  if (!isHeld) {
    const id = formatDatasetId(dataset)
    const when = asOf === undefined ? '' : ` as it stood at ${formatInstant(asOf)}`
    throw new LakeError(
      'NOT_FOUND',
      `The lake${when} has nothing of ${id}. Fetch it with a run, or list what there is.`,
      { details: { dataset: id, store: store.url } },
    )
  }
  return partitions.sort((a, b) => a.period.from - b.period.from)
}

interface Partition {
  readonly info: ObjectInfo
  readonly period: TimeRange
  /** Where its rows were added since. */
  readonly hidden: readonly TimeRange[]
}

/** Stands for partitions that are there and lie outside of the range. */
const OUTSIDE = 'outside'

interface PartitionQuery {
  readonly range: TimeRange | undefined
  readonly signal: AbortSignal | undefined
}

async function* listPartitions(
  store: ObjectStore,
  dataset: DatasetId,
  { range, signal }: PartitionQuery,
): AsyncGenerator<Partition | typeof OUTSIDE> {
  for await (const info of store.list({ prefix: seriesPrefix(silverSeries(dataset)), signal })) {
    const parsed = parsePartitionKey(info.key)
    if (parsed === undefined) continue
    const period = parsePeriod(parsed.label)
    yield range === undefined || rangesOverlap(period, range) ? { info, period, hidden: [] } : OUTSIDE
  }
}

async function* listVersions(
  store: ObjectStore,
  dataset: DatasetId,
  { asOf, range, signal }: PartitionQuery & { readonly asOf: number },
): AsyncGenerator<Partition | typeof OUTSIDE> {
  for await (const manifest of listManifests(store, { prefix: manifestPrefix(silverSeries(dataset)), signal })) {
    const { files, superseded = [] } = manifest
    if ([...files, ...superseded].some(({ commit }) => (commit?.since ?? Number.NEGATIVE_INFINITY) <= asOf))
      yield OUTSIDE
    for (const { file, key, hidden } of filesAt(manifest, asOf, range)) {
      const info = await store.head(key, { signal })
      if (info === undefined) throw missing(key)
      yield { info, period: parsePeriod(file.label), hidden }
    }
  }
}

function missing(key: string): LakeError {
  const message = `${key} is not there, though its manifest knows it. What the lake held then cannot be read.`
  return new LakeError('CORRUPT_LAKE', message, { details: { key } })
}
