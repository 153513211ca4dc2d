import { type Interval, intervalMicros, nextIntervalStart, type SourceFormat } from '@lake/core'
import { badFormat } from './bad-format.ts'
import { Int64Values } from './int64-values.ts'
import type { TimeReader } from './time-reader.ts'

export interface CloseTimeOptions {
  readonly rows: number
  readonly interval: Interval | undefined
  /** In microseconds. */
  readonly closeBefore: number
  readonly format: SourceFormat
}

/** When bars whose source does not say it close, and when they are known: as the next one opens. */
export function closeTimes(
  opens: TimeReader,
  { rows, interval, closeBefore, format }: CloseTimeOptions,
): { ts_available: BigInt64Array; close_time: BigInt64Array } {
  if (interval === undefined)
    throw badFormat(format.id, 'has close times that follow from an interval, but none is given')
  const length = intervalMicros(interval)
  if (length !== undefined) {
    return { ts_available: opens.plus(rows, length), close_time: opens.plus(rows, length - closeBefore) }
  }
  const next = new Int64Values()
  next.reserve(rows)
  const close = new Int64Values()
  close.reserve(rows)
  for (let row = 0; row < rows; row++) {
    const opening = nextIntervalStart(interval, opens.get(row))
    next.set(row, opening)
    close.set(row, opening - closeBefore)
  }
  return { ts_available: next.take(rows), close_time: close.take(rows) }
}
