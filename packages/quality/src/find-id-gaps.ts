import { integerValues, type LakeTable } from '@lake/core'
import { halfAt, integerAt } from './value-at.ts'

/** Ids that are absent, closed-open: `fromId` is the first of them, `toId` follows the last. */
export interface IdGap {
  readonly fromId: bigint
  readonly toId: bigint
  /** How many ids are missing. */
  readonly missing: bigint
  /** Time of the row before the gap, epoch microseconds UTC. */
  readonly after: number
  /** Time of the row behind the gap, epoch microseconds UTC. */
  readonly before: number
}

/** Which ids should be continuous: those of the rows, or those of the trades that aggregated rows stand for. */
export type AggTradeIds =
  | { readonly idColumn: 'agg_trade_id' }
  | { readonly firstColumn: 'first_trade_id'; readonly lastColumn: 'last_trade_id' }

/**
 * The ids that no row has, between the lowest and the highest id of the table, in order of id.
 *
 * Ids are compared as 64-bit integers, exactly. Rows may come in any order and more than once; sorted rows cost one
 * scan, others an index sort. Nothing is claimed about ids below the lowest or above the highest, so to check the
 * seam of two days, look at both days' rows in one table. Rows of aggregated trades may overlap; one whose last id
 * lies below its first stands for no trade.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table lacks one of the columns.
 *
 * @example
 * findIdGaps(trades, { idColumn: 'trade_id' }) // [{ fromId: 4n, toId: 7n, missing: 3n, after: ..., before: ... }]
 */
export function findIdGaps(trades: LakeTable<'trades'>, options: { readonly idColumn: 'trade_id' }): IdGap[]
export function findIdGaps(aggTrades: LakeTable<'aggTrades'>, options: AggTradeIds): IdGap[]
export function findIdGaps(
  table: LakeTable<'trades'> | LakeTable<'aggTrades'>,
  options: { readonly idColumn: 'trade_id' } | AggTradeIds,
): IdGap[] {
  const [firstColumn, lastColumn] =
    'idColumn' in options ? [options.idColumn, options.idColumn] : [options.firstColumn, options.lastColumn]
  const first = integerValues(table, firstColumn)
  const last = firstColumn === lastColumn ? first : integerValues(table, lastColumn)
  return scan({ first, last, times: integerValues(table, 'ts_event') })
}

/** Row by row, the ids `first` to `last`, both included, and the time. */
interface IdRows {
  readonly first: BigInt64Array
  readonly last: BigInt64Array
  readonly times: BigInt64Array
}

function scan(rows: IdRows): IdGap[] {
  const { first, last, times } = rows
  const firstHalves = halvesOf(first)
  const lastHalves = halvesOf(last)
  const gaps: IdGap[] = []
  // The last row that stands for any id, the row with the highest id so far, and the halves of that id plus one.
  let latest = -1
  let highest = -1
  let nextLow = 0
  let nextHigh = 0
  for (let row = 0, half = 0; row < first.length; row++, half += 2) {
    const low = halfAt(firstHalves, half)
    const high = halfAt(firstHalves, half + 1)
    const follows = highest >= 0 && low === nextLow && high === nextHigh && halfAt(lastHalves, half + 1) === high
    if (!follows || halfAt(lastHalves, half) >>> 0 < low >>> 0) {
      // BigInts only here, where ids are not plainly continuous.
      const from = integerAt(first, row)
      const to = integerAt(last, row)
      if (to < from) continue
      if (latest >= 0) {
        if (from < integerAt(first, latest)) return scan(sortedById(rows))
        const next = integerAt(last, highest) + 1n
        if (from > next) {
          const [after, before] = [Number(times[highest]), Number(times[row])]
          gaps.push({ fromId: next, toId: from, missing: from - next, after, before })
        }
        latest = row
        if (to < next) continue
      }
    }
    latest = row
    highest = row
    nextLow = (halfAt(lastHalves, half) + 1) | 0
    nextHigh = halfAt(lastHalves, half + 1) + (nextLow === 0 ? 1 : 0)
  }
  return gaps
}

function halvesOf(ids: BigInt64Array): Int32Array {
  return new Int32Array(ids.buffer, ids.byteOffset, ids.length * 2)
}

function sortedById({ first, last, times }: IdRows): IdRows {
  const order = Uint32Array.from(first, (_, row) => row)
  order.sort((a, b) => compareIds(integerAt(first, a), integerAt(first, b)))
  const gather = (values: BigInt64Array): BigInt64Array => {
    const sorted = new BigInt64Array(values.length)
    for (const [position, row] of order.entries()) sorted[position] = integerAt(values, row)
    return sorted
  }
  return { first: gather(first), last: gather(last), times: gather(times) }
}

function compareIds(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
