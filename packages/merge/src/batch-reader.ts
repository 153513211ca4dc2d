import {
  type DataType,
  integerValues,
  type Interval,
  intervalStart,
  isBarType,
  LakeError,
  type LakeTable,
  microsOf,
  rowIdentity,
  tableSchema,
  timesOf,
} from '@lake/core'
import type { Table } from 'apache-arrow'
import type { BatchInput } from './batch-input.ts'
import { rounded } from './row-keys.ts'
import { isAscending } from './sort-rows.ts'
import { integerAt } from './value-at.ts'

/** The rows of an input that were read and not yet taken. */
export interface BatchReader<D extends DataType> {
  /** True while batches may follow. */
  isOpen(): boolean
  /** The key of the last row at hand. */
  lastKey(): bigint | undefined
  /** Reads until rows of two keys are at hand, or the input ends. */
  fill(): Promise<void>
  /** The rows with keys below `bound`; all without a bound. */
  takeBelow(bound: bigint | undefined): LakeTable<D>
  close(): Promise<void>
}

export interface OpenBatchesOptions<D extends DataType> {
  readonly dataType: D
  readonly interval: Interval | undefined
  /** A table without rows. */
  readonly empty: LakeTable<D>
}

/** Starts to read an input; nothing is asked of it before the first `fill`. */
export function openBatches<D extends DataType>(
  input: BatchInput<D>,
  { dataType, interval, empty }: OpenBatchesOptions<D>,
): BatchReader<D> {
  const iterator = iteratorOf(input.batches)
  let isOpen = true
  let rowsRead = 0
  let table = empty
  let keys = new BigInt64Array()
  let lastTime: bigint | undefined
  const lastKey = (): bigint | undefined => keys.at(-1)

  const add = (batch: LakeTable<D>): void => {
    const own = batchKeys(dataType, batch, interval)
    const times = integerValues(batch, 'ts_event')
    const areTimesSorted = requiredId(dataType) === undefined || follows(lastTime, times)
    if (!follows(lastKey(), own) || !areTimesSorted) throw unsorted(input.name, rowsRead, batch.numRows)
    rowsRead += batch.numRows
    lastTime = times.at(-1) ?? lastTime
    table = table.numRows === 0 ? batch : table.concat(batch)
    const joined = new BigInt64Array(keys.length + own.length)
    joined.set(keys)
    joined.set(own, keys.length)
    keys = joined
  }

  return {
    isOpen: () => isOpen,
    lastKey,
    async fill() {
      while (isOpen && keys.at(0) === keys.at(-1)) {
        const next = await iterator.next()
        if (next.done === true) isOpen = false
        else add(next.value)
      }
    },
    takeBelow(bound) {
      const rows = bound === undefined ? keys.length : rowsBelow(keys, bound)
      const taken = table.slice(0, rows)
      table = table.slice(rows)
      keys = keys.slice(rows)
      return taken
    },
    async close() {
      await iterator.return?.()
    },
  }
}

/** The column of ids that every row has; a venue may lack others. */
export function requiredId(dataType: DataType): string | undefined {
  const { id } = rowIdentity(dataType)
  return tableSchema(dataType).fields.some(({ name, nullable }) => name === id && !nullable) ? id : undefined
}

/** What batches are cut at: never between rows that may be the same. */
function batchKeys(dataType: DataType, batch: Table, interval: Interval | undefined): BigInt64Array {
  const id = requiredId(dataType)
  const { roundTo } = rowIdentity(dataType)
  if (id !== undefined) return integerValues(batch, id)
  const times = integerValues(batch, 'ts_event')
  if (roundTo !== undefined) return rounded(times, roundTo)
  if (interval === undefined || !isBarType(dataType)) return times
  return timesOf(microsOf(times).map((time) => intervalStart(interval, time)))
}

function follows(last: bigint | undefined, values: BigInt64Array): boolean {
  const first = values.at(0)
  return isAscending(values) && (last === undefined || first === undefined || last <= first)
}

function rowsBelow(keys: BigInt64Array, bound: bigint): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (integerAt(keys, middle) < bound) low = middle + 1
    else high = middle
  }
  return low
}

function iteratorOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
}

function unsorted(name: string, rowsBefore: number, rows: number): LakeError {
  return new LakeError(
    'BAD_REQUEST',
    `Rows ${rowsBefore} to ${rowsBefore + rows} of input '${name}' do not stand in the order of their keys and times. ` +
      'Nothing of them was merged; sort the input, or give it to mergeTables.',
    { details: { name, firstRow: rowsBefore, rows } },
  )
}
