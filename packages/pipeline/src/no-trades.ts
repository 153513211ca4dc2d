import { DAY_MICROS, dayOf, type Interval, parsePeriod } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import { measureCompleteness } from '@lake/quality'

/**
 * How many bars a venue that leaves out empty ones has left out, by UTC day: those of the time that partitions cover,
 * without the rows that are there. A day without any row is not counted, since nobody can tell a quiet one from one whose
 * file is not there; nor are partitions that were committed without checks, which do not know their rows by day.
 */
export function barsWithoutTrades(interval: Interval, files: readonly ManifestFile[]): ReadonlyMap<string, number> {
  const byDay = new Map<string, number>()
  for (const { label, span, quality } of files) {
    if (quality === undefined) continue
    const { from: first } = parsePeriod(label)
    const rows = new Map(quality.days.map((count, index) => [dayOf(first + index * DAY_MICROS), count]))
    for (const { day, expected } of measureCompleteness({ interval, range: span, gaps: [], now: span.to }).days) {
      const there = rows.get(day) ?? 0
      if (there > 0) byDay.set(day, Math.max(0, expected - there))
    }
  }
  return byDay
}
