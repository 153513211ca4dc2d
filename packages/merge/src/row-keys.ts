import {
  type DataType,
  integerValues,
  type Interval,
  isBarType,
  microsOf,
  nullFlags,
  rowIdentity,
  timesOf,
} from '@lake/core'
import { barSlots } from './bar-slots.ts'
import { rowOrdinals } from './row-ordinals.ts'
import type { KeyedInput } from './keyed-input.ts'

/** What tells rows apart. */
export interface RowKeys {
  /** Rows with the same key and ordinal are versions of one row. */
  readonly keys: BigInt64Array
  /** Tells rows of one key apart; absent where the key alone does. */
  readonly ordinals?: Int32Array | undefined
  /** The time by which rows are sorted before their key; absent where the key is the time. */
  readonly times?: BigInt64Array | undefined
}

/** What the keys of one dataset's rows are made of. */
export interface RowKeysOptions {
  readonly dataType: DataType
  readonly inputs: readonly KeyedInput[]
  /** The grain of bars; without it their times are exact. */
  readonly interval?: Interval | undefined
}

/** The keys of some tables, comparable with each other. */
export interface TableKeys {
  readonly keys: readonly RowKeys[]
  /** How often each event stands in a table: 1, or 2 in a file that is doubled as a whole. */
  readonly copies: readonly number[]
}

/** The identity of the rows of some tables of one dataset, see `rowIdentity` of @lake/core. */
export function rowKeys({ dataType, inputs, interval }: RowKeysOptions): TableKeys {
  const { id, within, roundTo } = rowIdentity(dataType)
  const tables = inputs.map(({ table }) => table)
  const copies = tables.map(() => 1)
  const times = tables.map((table) => integerValues(table, 'ts_event'))
  if (id !== undefined && tables.every((table) => nullFlags(table, id) === undefined)) {
    return { keys: tables.map((table, at) => ({ keys: integerValues(table, id), times: times[at] })), copies }
  }
  if (within.length > 0) {
    const ranks = rowOrdinals(dataType, inputs, times)
    return { keys: times.map((keys, at) => ({ keys, ordinals: ranks.ordinals[at] })), copies: ranks.copies }
  }
  if (roundTo !== undefined) return { keys: times.map((all) => ({ keys: rounded(all, roundTo) })), copies }
  const keys = interval !== undefined && isBarType(dataType) ? barSlots(times, interval) : times
  return { keys: keys.map((all) => ({ keys: all })), copies }
}

/** Times to the nearest multiple of `step`, halves up. */
export function rounded(times: BigInt64Array, step: number): BigInt64Array {
  return timesOf(microsOf(times).map((time) => Math.round(time / step) * step))
}
