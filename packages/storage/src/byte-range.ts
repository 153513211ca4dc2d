import { type GetOptions, LakeError } from '@lake/core'

/** A closed-open stretch of bytes; `end` is `Infinity` for "to the last byte". */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The bytes that a get asks for: all of them without a range.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the offsets are no whole numbers from 0 on, or go backwards.
 */
export function requestedRange(range: GetOptions['range']): ByteRange {
  const { start, end = Infinity } = range ?? { start: 0 }
  if (isOffset(start) && (end === Infinity || isOffset(end)) && start <= end) return { start, end }
  throw new LakeError('BAD_REQUEST', `From ${start} to ${end} is no range of bytes: write whole numbers, from <= to.`, {
    details: { start: String(start), end: String(end) },
  })
}

/** The part of the range that an object of this size has, as `slice` would clamp it. */
export function clampRange(range: ByteRange, size: number): ByteRange {
  const start = Math.min(range.start, size)
  return { start, end: Math.max(start, Math.min(range.end, size)) }
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
