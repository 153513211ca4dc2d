import { DAY_MICROS, dayOf, type TimeRange } from '@lake/core'
import type { BarSeries } from './bar-series.ts'
import { codeAt, floatAt } from './value-at.ts'

/** The bars of one day, in order of time. */
interface DayPrices {
  /** When it begins. */
  readonly day: number
  readonly closes: Float64Array
}

/**
 * The days whose prices are away by a factor or more from those of most days, with breaks of that factor where they
 * begin and end. A market that moves so far does not do it between the last bar of a day and the first of the next.
 *
 * Bars in order of time cost one scan; only where there is a break are the prices of days compared.
 */
export function foreignDays(series: BarSeries, range: TimeRange, factor: number): Set<string> {
  const levels: DayPrices[][] = []
  let previous = Number.NaN
  for (const day of daysOf(inOrderOfTime(series), range)) {
    if (levels.length === 0 || isFar(previous, floatAt(day.closes, 0), factor)) levels.push([])
    levels.at(-1)?.push(day)
    previous = floatAt(day.closes, day.closes.length - 1)
  }
  const [home, ...others] = levels.sort((a, b) => b.length - a.length)
  if (home === undefined || others.length === 0) return new Set()
  const price = medianOf(home)
  const foreign = others.filter((level) => isFar(medianOf(level), price, factor))
  return new Set(foreign.flatMap((level) => level.map(({ day }) => dayOf(day))))
}

function inOrderOfTime({ times, closes }: BarSeries): BarSeries {
  let row = 1
  while (row < times.length && floatAt(times, row - 1) <= floatAt(times, row)) row++
  if (row >= times.length) return { times, closes }
  const order = Int32Array.from(times.keys()).sort((a, b) => floatAt(times, a) - floatAt(times, b))
  const sorted = (values: Float64Array): Float64Array => values.map((_, place) => floatAt(values, codeAt(order, place)))
  return { times: sorted(times), closes: sorted(closes) }
}

/** The days of a range that have bars. */
function daysOf({ times, closes }: BarSeries, { from, to }: TimeRange): DayPrices[] {
  const days: DayPrices[] = []
  for (let row = 0; row < times.length;) {
    const day = Math.floor(floatAt(times, row) / DAY_MICROS) * DAY_MICROS
    const start = row
    while (row < times.length && floatAt(times, row) < day + DAY_MICROS) row++
    if (day >= from && day < to) days.push({ day, closes: closes.subarray(start, row) })
  }
  return days
}

function isFar(a: number, b: number, factor: number): boolean {
  return a > b * factor || b > a * factor
}

function medianOf(days: readonly DayPrices[]): number {
  return middle(Float64Array.from(days, ({ closes }) => middle(closes)))
}

function middle(values: Float64Array): number {
  return floatAt(values.slice().sort(), values.length >> 1)
}
