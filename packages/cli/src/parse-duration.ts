import { LakeError } from '@lake/core'

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * `30m` or `4h` in milliseconds: how long to wait before the next time, so never nothing.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming the option and what would be right.
 */
export function parsePause(option: string, text: string): number {
  const millis = parseDuration(option, text)
  if (millis > 0) return millis
  throw refusal(option, text)
}

/**
 * `30m`, `4h` or `0` in milliseconds.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming the option and what would be right.
 */
export function parseDuration(option: string, text: string): number {
  if (text === '0') return 0
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  const millis = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (millis > 0) return millis
  throw refusal(option, text)
}

function refusal(option: string, text: string): LakeError {
  return new LakeError('BAD_REQUEST', `${option} takes a time such as 30m, 4h or 7d, not '${text}'.`, {
    details: { option, value: text },
  })
}
