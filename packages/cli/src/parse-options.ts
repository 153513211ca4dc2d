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
 * The intervals of `--gold 5m,1h`; none for `--gold none`; `undefined` when the option is absent.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming what is no interval.
 */
export function parseGold(text: string | undefined): Interval[] | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return []
  return text.split(',').map((part) => parseInterval(part.trim()))
}
