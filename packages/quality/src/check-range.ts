import { LakeError, type TimeRange } from '@lake/core'

/**
 * Refuses a range that cannot be meant; an empty one is fine and holds nothing.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an end is not whole microseconds, or `to` lies before `from`.
 */
export function checkRange(range: TimeRange): void {
  const { from, to } = range
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to) return
  throw new LakeError(
    'BAD_REQUEST',
    `The range from ${from} to ${to} is none: its ends are whole epoch microseconds, and from is not after to.`,
    { details: { from, to } },
  )
}
