import { rangeContains, type TimeRange } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'

/** The stretches that files promise, those that touch as one, in order of time. */
export function coveredSpans(files: readonly Pick<ArchiveFile, 'period'>[]): TimeRange[] {
  const spans: { from: number; to: number }[] = []
  for (const { period } of [...files].sort((a, b) => a.period.from - b.period.from)) {
    const last = spans.at(-1)
    if (last === undefined || period.from > last.to) spans.push({ from: period.from, to: period.to })
    else last.to = Math.max(last.to, period.to)
  }
  return spans
}

/** Whether one of such stretches has all of a range. */
export function isCovered(range: TimeRange, spans: readonly TimeRange[]): boolean {
  return spans.some((span) => rangeContains(span, range))
}
