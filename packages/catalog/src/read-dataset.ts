import {
  type Columns,
  type DatasetId,
  type DataType,
  formatDatasetId,
  LakeError,
  type LakeTable,
  type ObjectInfo,
  type ObjectStore,
  parsePartitionKey,
  parsePeriod,
  rangesOverlap,
  seriesPrefix,
  silverSeries,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import { readParquet } from '@lake/parquet'
import type { DataType as ArrowType, Schema, Table } from 'apache-arrow'
import { storeFile } from './store-file.ts'

export interface ReadDatasetOptions<D extends DataType, C = keyof Columns[D]> {
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
 * A partition without rows in the range gives no table.
 *
 * @throws {@link LakeError} `NOT_FOUND` when the lake has nothing of the dataset, `CORRUPT_LAKE` naming the file that
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
  const { store, dataset, range, columns, signal } = options
  const schema: Schema = tableSchema(dataset.dataType)
  for (const partition of await partitionsOf(store, dataset, range, signal)) {
    signal?.throwIfAborted()
    const source = storeFile(store, partition, signal)
    const table = await readParquet(source, { schema, columns, range, name: partition.key, signal })
    if (table.numRows > 0) yield table
  }
}

/** The partitions of a dataset whose period touches the range, in the order of time. */
async function partitionsOf(
  store: ObjectStore,
  dataset: DatasetId,
  range: TimeRange | undefined,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo[]> {
  const partitions: { info: ObjectInfo; period: TimeRange }[] = []
  for await (const info of store.list({ prefix: seriesPrefix(silverSeries(dataset)), signal })) {
    const parsed = parsePartitionKey(info.key)
    if (parsed !== undefined) partitions.push({ info, period: parsePeriod(parsed.label) })
  }
  if (partitions.length === 0) {
    const id = formatDatasetId(dataset)
    throw new LakeError('NOT_FOUND', `The lake has nothing of ${id}. Fetch it with a run, or list what there is.`, {
      details: { dataset: id, store: store.url },
    })
  }
  return partitions
    .filter(({ period }) => range === undefined || rangesOverlap(period, range))
    .sort((a, b) => a.period.from - b.period.from)
    .map(({ info }) => info)
}
