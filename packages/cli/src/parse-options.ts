import { type Interval, LakeError, parseInstant, parseInterval, parseTimeRange, type TimeRange } from '@lake/core'

/**
 * The range of `--from` and `--to`, closed-open; `undefined` without both.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when one is missing, or no time, or the range is empty.
 */
export function parseRange({
  from,
  to,
}: {
  from?: string | undefined
  to?: string | undefined
}): TimeRange | undefined {
  if (from === undefined && to === undefined) return undefined
  if (from !== undefined && to !== undefined) return parseTimeRange(from, to)
  parseInstant(from ?? to ?? '')
  const missing = from === undefined ? '--from' : '--to'
  throw new LakeError('BAD_REQUEST', `A range needs both ends: ${missing} is missing.`, {
    details: { option: missing },
  })
}

/**
 * The moment of an option such as `--as-of 2024-01-31`, epoch microseconds UTC; `undefined` when the option is absent.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is no time.
 */
export function parseMoment(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return parseInstant(text)
  } catch (cause) {
    const message = `${option} takes a time in UTC such as 2024-01-31 or 2024-01-31T23:59:00Z, not '${text}'.`
    throw new LakeError('BAD_REQUEST', message, { cause, details: { option, value: text } })
  }
}

const RATE = /^(\d+(?:\.\d+)?)\s*([kmg]i?)?b(?:\/s)?$/i

const FACTORS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1000, m: 1_000_000, g: 1_000_000_000 },
  ...{ ki: 1024, mi: 1_048_576, gi: 1_073_741_824 },
}

/**
 * The bytes a second of `--bandwidth 20MB`; `undefined` when the option is absent.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is no rate, or none above zero.
 */
export function parseBandwidth(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, count = '', unit = ''] = RATE.exec(text.trim()) ?? []
  const rate = Math.floor(Number(count) * (FACTORS[unit.toLowerCase()] ?? Number.NaN))
  if (rate >= 1) return rate
  throw new LakeError('BAD_REQUEST', `--bandwidth takes bytes a second such as 500kB, 20MB or 1.5GiB, not '${text}'.`, {
    details: { option: '--bandwidth', value: text },
  })
}

/**
 * The share of `--quarantine-limit 0.1%` or `0.001`; `undefined` when the option is absent.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is no share from 0 to 1.
 */
export function parseShare(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const share = percent === '%' ? Number(number) / 100 : Number(number)
  if (number !== '' && share <= 1) return share
  throw new LakeError('BAD_REQUEST', `--quarantine-limit takes a share such as 0.1% or 0.001, not '${text}'.`, {
    details: { option: '--quarantine-limit', value: text },
  })
}

/**
 * The number of an option such as `--last 30`.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when it is no whole number above zero.
 */
export function parseCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new LakeError('BAD_REQUEST', `${option} takes a whole number above zero, not '${text}'.`, {
    details: { option, value: text },
  })
}

/**
 * The intervals of `--gold 5m,1h`; none for `--gold none`; `undefined` when the option is absent.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming what is no interval.
 */
export function parseGold(text: string | undefined): Interval[] | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return []
  return text.split(',').map((part) => parseInterval(part.trim()))
}
