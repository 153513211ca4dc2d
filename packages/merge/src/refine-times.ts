import { type DataType, integerValues, nullFlags, rowIdentity } from '@lake/core'
import { Schema, type Table, type TypeMap } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import { concatColumn } from './concat-column.ts'
import type { MergeOrigin } from './merge-source.ts'
import { integerAt } from './value-at.ts'

const MILLISECOND = 1000n

/**
 * Rows that one source states to the millisecond and another to the microsecond, told to be the same by their id, get
 * the exact time in every input: neither is the other's error, and whoever is believed, the exact time is kept. Times
 * that differ by more are left to the policy.
 */
export function refineTimes<I extends MergeOrigin & { readonly table: Table }, T extends TypeMap>(
  dataType: DataType,
  inputs: readonly I[],
  schema: Schema<T>,
): readonly (I & { readonly table: Table })[] {
  const { id } = rowIdentity(dataType)
  if (id === undefined || inputs.length < 2) return inputs
  const timed = inputs.map(({ table }): Timed | undefined =>
    table.numRows === 0 || nullFlags(table, id) !== undefined
      ? undefined
      : { ids: integerValues(table, id), times: integerValues(table, 'ts_event') },
  )
  const exact = timed.map((one) => one !== undefined && hasMicroseconds(one.times))
  if (!exact.includes(true) || !exact.includes(false)) return inputs
  const sources = timed.flatMap((one, at) => (one !== undefined && exact[at] === true ? [one] : []))
  return inputs.map((input, at) => {
    const own = timed[at]
    if (own === undefined || exact[at] === true) return input
    const refined = refine(own, sources)
    return refined === undefined ? input : { ...input, table: withTimes(input.table, schema, own.times, refined) }
  })
}

interface Timed {
  readonly ids: BigInt64Array
  readonly times: BigInt64Array
}

/** By halves, since reading a BigInt allocates one. Ends at the first such time. */
function hasMicroseconds(times: BigInt64Array): boolean {
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2)
  for (let at = 0; at < halves.length; at += 2) {
    // 2^32 is 296 above a multiple of a thousand.
    if ((((halves[at + 1] ?? 0) % 1000) * 296 + ((halves[at] ?? 0) >>> 0)) % 1000 !== 0) return true
  }
  return false
}

/** The times of all rows, exact where another input has them so; `undefined` when none has. */
function refine({ ids, times }: Timed, exact: readonly Timed[]): BigInt64Array | undefined {
  let refined: BigInt64Array | undefined
  for (const source of exact) {
    for (let row = 0; row < ids.length; row++) {
      const found = placeOf(integerAt(ids, row), source.ids)
      if (found === undefined) continue
      const finer = integerAt(source.times, found) - integerAt(times, row)
      if (finer <= 0n || finer >= MILLISECOND) continue
      refined ??= times.slice()
      refined[row] = integerAt(source.times, found)
    }
  }
  return refined
}

/** The place of an id among ids in order. Among others it may not be found; the time then differs, and is counted. */
function placeOf(id: bigint, ids: BigInt64Array): number | undefined {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (integerAt(ids, middle) < id) low = middle + 1
    else high = middle
  }
  return ids[low] === id ? low : undefined
}

/** The table with other times; what was known when it happened still is. */
function withTimes<T extends TypeMap>(
  table: Table,
  schema: Schema<T>,
  times: BigInt64Array,
  refined: BigInt64Array,
): Table<T> {
  const all = Uint32Array.from({ length: table.numRows }, (_, row) => row)
  const available = integerValues(table, 'ts_available')
  return buildTable(new Schema<T>(schema.fields, table.schema.metadata), (field) => {
    if (field.name === 'ts_event') return refined
    if (field.name !== 'ts_available') return concatColumn([table], field).take(all)
    return available.map((time, row) => (time === times[row] ? integerAt(refined, row) : time))
  })
}
