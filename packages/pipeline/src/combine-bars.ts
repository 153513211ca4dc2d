import { integerValues, microsOf } from '@lake/core'
import type { ResampledBars } from '@lake/resample'
import type { Table } from 'apache-arrow'
import { takeRows } from './take-rows.ts'

/** Bars made of one series, and how long each of the finer rows is that they were made of. */
export interface BarCandidate {
  readonly bars: ResampledBars
  /** Microseconds that one child covers; 0 for trades, which say nothing about coverage. */
  readonly childMicros: number
}

/**
 * One series of bars out of several candidates, best first: of each bar the candidate whose children cover most of
 * it, the better one when they cover the same. So a month with three days of minute bars and all of its hourly bars
 * takes the minute-made ones where they are whole, and loses none.
 */
export function combineBars(best: BarCandidate, ...others: readonly BarCandidate[]): Table {
  const all = best.bars.concat(...others.map(({ bars }) => bars))
  if (others.length === 0) return all
  const times = microsOf(integerValues(all, 'ts_event'))
  const children = microsOf(integerValues(all, 'child_count'))
  const chosen = new Map<number, { readonly row: number; readonly covered: number }>()
  let row = 0
  for (const { bars, childMicros } of [best, ...others]) {
    for (const end = row + bars.numRows; row < end; row++) {
      const time = times[row] ?? 0
      const covered = (children[row] ?? 0) * childMicros
      const known = chosen.get(time)
      if (known === undefined || known.covered < covered) chosen.set(time, { row, covered })
    }
  }
  const rows = [...chosen].sort(([a], [b]) => a - b).map(([, { row: pick }]) => pick)
  return takeRows(all, Int32Array.from(rows))
}
