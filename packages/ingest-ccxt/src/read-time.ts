import { parseInstant, type TimeUnit } from '@lake/core'

/** The epoch microseconds of a time in an answer; not finite when it is none. */
export function readTime(value: unknown, unit: TimeUnit): number {
  if ((typeof value !== 'number' && typeof value !== 'string') || value === '') return Number.NaN
  switch (unit) {
    case 'epoch':
      return Number(value) < 1e15 ? Number(value) * 1000 : Number(value)
    case 'seconds':
      return secondsOf(String(value))
    case 'nanoseconds':
      return /^\d+$/.test(String(value)) ? Number(BigInt(value) / 1000n) : Number.NaN
    case 'text':
      return instantOf(String(value))
    // Of files only: no page has such a time.
    case 'metatrader':
      return Number.NaN
  }
}

/** By the digits, since a product of doubles can miss by one. What is finer than a microsecond is cut, as parsers cut it. */
function secondsOf(text: string): number {
  const [, whole, places = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return whole === undefined ? Number.NaN : Number(whole) * 1_000_000 + Number(places.padEnd(6, '0').slice(0, 6))
}

function instantOf(text: string): number {
  try {
    return parseInstant(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`)
  } catch {
    return Number.NaN
  }
}
