import { LakeError } from './lake-error.ts'

/** Microseconds of a UTC day. */
export const DAY_MICROS = 86_400_000_000

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?Z)?$/

/**
 * Epoch microseconds of a text: a bare date (its 00:00Z) or an ISO 8601 time that ends in `Z`.
 * Local times are refused, since nothing in the lake depends on where it runs.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for any other text, also for a day that does not exist.
 *
 * @example
 * parseInstant('2024-01-01') // 1704067200000000
 * parseInstant('2024-01-01T00:00:00.000001Z') // 1704067200000001
 */
export function parseInstant(text: string): number {
  const match = PATTERN.exec(text)
  if (match !== null) {
    const parts: (string | undefined)[] = match.slice(1, 7)
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0))
    const millis = Date.UTC(year, month - 1, day, hour, minute, second)
    const date = new Date(millis)
    const exists =
      date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
    if (exists) return millis * 1000 + Number((match[7] ?? '').padEnd(6, '0'))
  }
  throw new LakeError('BAD_REQUEST', `'${text}' is not a time. Write 2024-01-31 or 2024-01-31T23:59:00Z (UTC).`, {
    details: { value: text },
  })
}

/**
 * ISO 8601 with `Z`: seconds, then as many of the six decimals as carry something.
 *
 * @example
 * formatInstant(1704067200000000) // '2024-01-01T00:00:00Z'
 */
export function formatInstant(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return fraction === 0 ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}Z`
}

/**
 * The UTC day of an instant, `YYYY-MM-DD`.
 *
 * @example
 * dayOf(1704067200000000) // '2024-01-01'
 */
export function dayOf(micros: number): string {
  return new Date(Math.floor(micros / 1000)).toISOString().slice(0, 10)
}

/**
 * The UTC month of an instant, `YYYY-MM`.
 *
 * @example
 * monthOf(1704067200000000) // '2024-01'
 */
export function monthOf(micros: number): string {
  return dayOf(micros).slice(0, 7)
}
