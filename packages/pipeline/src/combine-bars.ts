import { integerValues, microsOf } from '@lake/core'
import type { ResampledBars } from '@lake/resample'

/** Bars made of one series, and how long each of the finer rows is that they were made of. */
export interface BarCandidate {
  readonly bars: ResampledBars
  /** Microseconds that one child covers; 0 for trades, which say nothing about coverage. */
  readonly childMicros: number
}

/** One bar of one candidate. */
interface Pick {
  readonly bars: ResampledBars
  readonly row: number
  readonly time: number
  readonly covered: number
}

/**
 * One series of bars out of several candidates, best first: of each bar the candidate whose children cover most of
 * it, the better one when they cover the same. So a month with three days of minute bars and all of its hourly bars
 * takes the minute-made ones where they are whole, and loses none.
 */
export function combineBars(best: BarCandidate, ...others: readonly BarCandidate[]): ResampledBars {
  if (others.length === 0) return best.bars
  const chosen = new Map<number, Pick>()
  for (const { bars, childMicros } of [best, ...others]) {
    const times = microsOf(integerValues(bars, 'ts_event'))
    const children = microsOf(integerValues(bars, 'child_count'))
    for (const [row, time] of times.entries()) {
      const covered = (children[row] ?? 0) * childMicros
      const known = chosen.get(time)
      if (known === undefined || known.covered < covered) chosen.set(time, { bars, row, time, covered })
    }
  }
  const picks = [...chosen.values()].sort((a, b) => a.time - b.time)
  return best.bars.slice(0, 0).concat(...runs(picks))
}

/** Neighbours that come from neighbouring rows of one candidate, as slices of it. */
function runs(picks: readonly Pick[]): ResampledBars[] {
  const slices: ResampledBars[] = []
  let start = 0
  for (const [index, { bars, row }] of picks.entries()) {
    const next = picks[index + 1]
    if (next?.bars === bars && next.row === row + 1) continue
    const first = picks[start]?.row ?? row
    slices.push(bars.slice(first, row + 1))
    start = index + 1
  }
  return slices
}
