import { type Gap, integerValues, LakeError, type LakeTable, microsOf, type TimeRange } from '@lake/core'
import type { TradeEvidence } from './gap-evidence.ts'
import { floatAt, integerAt } from './value-at.ts'

/**
 * What trades say about gaps in something else, such as bars: whether there are trades in a gap, and if not, whether
 * ids are missing across it. Nothing is said of a gap without a trade on either side.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the trades are not sorted by time, or the table lacks a column.
 *
 * @example
 * explainGaps(gaps, { evidence: { trades: tradesAcross(trades, gaps) }, now })
 */
export function tradesAcross(
  trades: LakeTable<'trades'> | LakeTable<'aggTrades'>,
  gaps: readonly Gap[],
): TradeEvidence {
  const times = microsOf(integerValues(trades, 'ts_event'))
  const ids = integerValues(
    trades,
    trades.schema.names.some((name) => name === 'trade_id') ? 'trade_id' : 'agg_trade_id',
  )
  checkSorted(times)
  const quiet: TimeRange[] = []
  const missing: TimeRange[] = []
  const traded: TimeRange[] = []
  for (const { from, to } of gaps) {
    const first = firstFrom(times, from)
    const next = firstFrom(times, to)
    if (first < next) traded.push({ from, to })
    else if (first > 0 && next < times.length) {
      const isContinuous = integerAt(ids, first - 1) + 1n === integerAt(ids, next)
      ;(isContinuous ? quiet : missing).push({ from, to })
    }
  }
  return { quiet, missing, traded }
}

function checkSorted(times: Float64Array): void {
  for (let row = 1; row < times.length; row++) {
    if (floatAt(times, row - 1) <= floatAt(times, row)) continue
    throw new LakeError(
      'BAD_REQUEST',
      `The trades are not sorted by time: row ${row} is earlier than the one before it. Merge the table with itself first.`,
      { details: { row, time: floatAt(times, row) } },
    )
  }
}

/** The first row at or after a time. */
function firstFrom(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (floatAt(times, middle) < time) low = middle + 1
    else high = middle
  }
  return low
}
