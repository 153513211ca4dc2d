import { isAscending, rowOrder, sortRows } from './sort-rows.ts'
import type { RowKeys } from './row-keys.ts'
import { integerAt, rowAt } from './value-at.ts'

/** Which rows are versions of the same one, the rows being numbered from the least to the most believed input. */
export interface RowVersions {
  /** The most believed version of each row, in the order of the result. */
  readonly winners: Uint32Array
  /** All rows, versions of one next to each other and the most believed of them last. */
  readonly rows: Uint32Array
  /** The places in `rows` of what has several versions, in pairs: the first, and the one after the last. */
  readonly groups: Uint32Array
}

/** Finds the versions of each row. Of two rows of one input with the same key, the later one is believed. */
export function findVersions(rowKeys: RowKeys): RowVersions {
  const order = rowOrder(rowKeys)
  const rows = sortRows(order)
  const winners = new Uint32Array(rows.length)
  const groups: number[] = []
  let count = 0
  let start = 0
  for (let end = 1; end <= rows.length; end++) {
    if (end < rows.length && !order.isLess(rowAt(rows, end - 1), rowAt(rows, end))) continue
    winners[count++] = rowAt(rows, end - 1)
    if (end - start > 1) groups.push(start, end)
    start = end
  }
  return { winners: byTime(winners.subarray(0, count), rowKeys.times), rows, groups: Uint32Array.from(groups) }
}

/** Rows in the order of their key, sorted by their time first. */
function byTime(winners: Uint32Array, times: BigInt64Array | undefined): Uint32Array {
  if (times === undefined) return winners
  const winnerTimes = new BigInt64Array(winners.length)
  for (let at = 0; at < winners.length; at++) winnerTimes[at] = integerAt(times, rowAt(winners, at))
  if (isAscending(winnerTimes)) return winners
  return sortRows(rowOrder({ keys: winnerTimes })).map((at) => rowAt(winners, at))
}
