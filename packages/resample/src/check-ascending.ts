import { formatInstant, LakeError } from '@lake/core'
import { floatAt } from './value-at.ts'

/**
 * Checks that each time is later than the one before.
 *
 * @throws {@link LakeError} `BAD_REQUEST` naming the first row that is not.
 */
export function checkAscending(times: Float64Array): void {
  let before = Number.NEGATIVE_INFINITY
  for (let row = 0; row < times.length; row++) {
    const time = floatAt(times, row)
    if (!(time > before)) throw outOfOrder(row, time, before)
    before = time
  }
}

/** The error for a row that does not come after the one before it. */
export function outOfOrder(row: number, time: number, before: number): LakeError {
  const [value, previous] = [formatInstant(time), formatInstant(before)]
  return new LakeError(
    'BAD_REQUEST',
    `Row ${row} (ts_event ${value}) does not come after row ${row - 1} (${previous}): rows must be sorted and ` +
      'free of duplicates. Nothing was computed; merge the table with itself first (mergeTables of @lake/merge).',
    { details: { row, column: 'ts_event', value, previous } },
  )
}
