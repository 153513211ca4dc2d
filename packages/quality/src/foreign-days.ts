import { DAY_MICROS, dayOf, type TimeRange } from '@lake/core'
import type { BarSeries } from './find-defects.ts'
import { floatAt } from './value-at.ts'

/** A stretch of days between breaks of the price. */
interface Level {
  readonly days: number[]
  readonly prices: number[]
}

/**
 * The days whose prices are away by a factor or more from those of most days, with breaks of that factor where they
 * begin and end. A market that moves so far does not do it between the last bar of a day and the first of the next.
 */
export function foreignDays(series: BarSeries, range: TimeRange, factor: number): Set<string> {
  const levels: Level[] = []
  let previous: number | undefined
  for (const [day, { first, last, middle }] of daysOf(series, range)) {
    const isBreak = previous !== undefined && isFar(previous, first, factor)
    if (previous === undefined || isBreak) levels.push({ days: [], prices: [] })
    levels.at(-1)?.days.push(day)
    levels.at(-1)?.prices.push(middle)
    previous = last
  }
  const [home, ...others] = [...levels].sort((a, b) => b.days.length - a.days.length)
  if (home === undefined) return new Set()
  const price = median(home.prices)
  return new Set(
    others.filter(({ prices }) => isFar(median(prices), price, factor)).flatMap(({ days }) => days.map(dayOf)),
  )
}

interface DayPrices {
  readonly first: number
  readonly last: number
  readonly middle: number
}

/** The days that have bars, in order of time. */
function daysOf({ times, closes }: BarSeries, { from, to }: TimeRange): (readonly [day: number, prices: DayPrices])[] {
  const days = new Map<number, [time: number, close: number][]>()
  for (let row = 0; row < times.length; row++) {
    const time = floatAt(times, row)
    if (time < from || time >= to) continue
    const day = Math.floor(time / DAY_MICROS) * DAY_MICROS
    const bars = days.get(day)
    if (bars === undefined) days.set(day, [[time, floatAt(closes, row)]])
    else bars.push([time, floatAt(closes, row)])
  }
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, bars]) => {
      const sorted = bars.sort(([a], [b]) => a - b).map(([, close]) => close)
      return [day, { first: sorted[0] ?? 0, last: sorted.at(-1) ?? 0, middle: median(sorted) }]
    })
}

function isFar(a: number, b: number, factor: number): boolean {
  return a > b * factor || b > a * factor
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
