import type { BarSeries } from './bar-series.ts'
import type { DayDefect } from './day-defect.ts'
import { floatAt } from './value-at.ts'

/** How many bars a shift is looked for in either direction. */
const REACH = 60

export interface CompareDayOptions {
  readonly from: number
  readonly to: number
  /** The length of a bar. */
  readonly step: number
}

/** Whether the bars of a day are those of the reference, or those of another time or of another instrument. */
export function compareDay(
  own: BarSeries,
  reference: BarSeries,
  { from, to, step }: CompareDayOptions,
): Omit<DayDefect, 'day'> | undefined {
  const closes = closesOf(own, from, to)
  const wanted = closesOf(reference, from - REACH * step, to + REACH * step)
  const share = (shift: number, isSame: (close: number, other: number) => boolean): number => {
    let compared = 0
    let same = 0
    for (const [time, close] of closes) {
      const other = wanted.get(time - shift)
      if (other === undefined) continue
      compared++
      if (isSame(close, other)) same++
    }
    // A few bars in common say nothing.
    return compared * 2 < closes.size ? Number.NaN : same / compared
  }
  if (!(share(0, Object.is) < 0.5)) return undefined
  for (let bars = 1; bars <= REACH; bars++) {
    for (const shift of [bars * step, -bars * step]) {
      if (!(share(shift, Object.is) > 0.9)) continue
      const because = `Its bars are those of the reference ${bars} bars ${shift > 0 ? 'earlier' : 'later'}.`
      return { defect: 'shifted', because, shift }
    }
  }
  const near = share(0, (close, other) => Math.abs(close - other) <= 0.05 * Math.abs(other))
  if (near >= 0.5) return undefined
  const percent = Math.floor(100 * near)
  return { defect: 'foreign', because: `Only ${percent} % of its prices are within 5 % of the reference.` }
}

function closesOf({ times, closes }: BarSeries, from: number, to: number): Map<number, number> {
  const found = new Map<number, number>()
  for (let row = 0; row < times.length; row++) {
    const time = floatAt(times, row)
    if (time >= from && time < to) found.set(time, floatAt(closes, row))
  }
  return found
}
