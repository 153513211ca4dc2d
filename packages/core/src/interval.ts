import { LakeError } from './lake-error.ts'

const DAY = 86_400_000_000

const FIXED = {
  '1s': 1_000_000,
  '1m': 60_000_000,
  '3m': 180_000_000,
  '5m': 300_000_000,
  '15m': 900_000_000,
  '30m': 1_800_000_000,
  '1h': 3_600_000_000,
  '2h': 7_200_000_000,
  '4h': 14_400_000_000,
  '6h': 21_600_000_000,
  '8h': 28_800_000_000,
  '12h': 43_200_000_000,
  '1d': 86_400_000_000,
  '3d': 259_200_000_000,
  '1w': 604_800_000_000,
} as const

/** An interval of constant length. */
export type FixedInterval = keyof typeof FIXED

/** The grain of a bar. `1mo` is a calendar month (never `1M`, which is too close to `1m`). */
export type Interval = FixedInterval | '1mo'

/** Every interval, finest first. */
export const INTERVALS: readonly Interval[] = [
  '1s', '1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w', '1mo',
] // prettier-ignore

/**
 * Where intervals are counted from that do not start with the epoch: weeks start on Mondays, of which 1970-01-05 is the
 * first, and three days as Binance has cut them since its first bars of 2017, on 1970-01-02 and every third day.
 */
const ORIGINS: Partial<Readonly<Record<FixedInterval, number>>> = { '3d': DAY, '1w': 4 * DAY }

export function isInterval(text: string): text is Interval {
  return text === '1mo' || Object.hasOwn(FIXED, text)
}

/**
 * The interval that a text names.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when there is no such interval.
 *
 * @example
 * parseInterval('1h') // '1h'
 */
export function parseInterval(text: string): Interval {
  if (isInterval(text)) return text
  throw new LakeError('BAD_REQUEST', `There is no interval '${text}'. Intervals are ${INTERVALS.join(' ')}.`, {
    details: { value: text },
  })
}

/**
 * The length of an interval in microseconds; `undefined` for `1mo`, because calendar months differ.
 * Use {@link intervalStart} and {@link nextIntervalStart}, which know every interval, to walk over time.
 *
 * @example
 * intervalMicros('1m') // 60_000_000
 */
export function intervalMicros(interval: FixedInterval): number
export function intervalMicros(interval: Interval): number | undefined
export function intervalMicros(interval: Interval): number | undefined {
  return interval === '1mo' ? undefined : FIXED[interval]
}

/**
 * The start of the interval that holds `micros`, in epoch microseconds UTC. Weeks start on Monday, months on
 * the first, three days where Binance starts them (2017-08-17 and every third day), everything else is counted from the
 * epoch (so days start at 00:00Z).
 *
 * @example
 * formatInstant(intervalStart('1w', parseInstant('2026-04-02'))) // '2026-03-30T00:00:00Z'
 */
export function intervalStart(interval: Interval, micros: number): number {
  if (interval === '1mo') return monthStart(micros, 0)
  const length = FIXED[interval]
  const origin = ORIGINS[interval] ?? 0
  return Math.floor((micros - origin) / length) * length + origin
}

/**
 * The start of the interval after the one that holds `micros`, in epoch microseconds UTC.
 *
 * @example
 * formatInstant(nextIntervalStart('1mo', parseInstant('2024-02-10'))) // '2024-03-01T00:00:00Z'
 */
export function nextIntervalStart(interval: Interval, micros: number): number {
  return interval === '1mo' ? monthStart(micros, 1) : intervalStart(interval, micros) + FIXED[interval]
}

/**
 * True when bars of `finer` nest without remainder in bars of `coarser`; every interval nests in itself.
 *
 * @example
 * nestsIn('1h', '1d') // true
 * nestsIn('1w', '1mo') // false
 */
export function nestsIn(finer: Interval, coarser: Interval): boolean {
  if (finer === coarser) return true
  if (finer === '1mo') return false
  const length = FIXED[finer]
  // A 3-day or weekly bar can straddle the end of a month or of a week.
  if (coarser === '1mo') return DAY % length === 0
  if (coarser === '1w') return DAY % length === 0
  return FIXED[coarser] % length === 0
}

function monthStart(micros: number, add: number): number {
  const date = new Date(Math.floor(micros / 1000))
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + add) * 1000
}
