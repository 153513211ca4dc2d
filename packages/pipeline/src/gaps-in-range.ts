import { type Gap, type Interval, intervalMicros, nextIntervalStart, type TimeRange } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import { firstStart } from './bucket-range.ts'

/**
 * The gaps of a bar series over a range, told by its manifests alone: what lies between the spans of the
 * partitions is missing whole, and within a span the manifest lists what is missing. Gaps that touch become one.
 *
 * @param files the partitions of the series that touch the range, in order of time
 */
export function gapsInRange(interval: Interval, files: readonly ManifestFile[], range: TimeRange): Gap[] {
  const missing: TimeRange[] = []
  let known = range.from
  for (const file of files) {
    missing.push({ from: known, to: file.span.from }, ...(file.gaps ?? []))
    known = Math.max(known, file.span.to)
  }
  missing.push({ from: known, to: range.to })
  const gaps: Gap[] = []
  for (const stretch of missing) {
    const from = firstStart(interval, Math.max(stretch.from, range.from))
    const to = firstStart(interval, Math.min(stretch.to, range.to))
    if (from >= to) continue
    const last = gaps.at(-1)
    if (last?.to === from) gaps[gaps.length - 1] = gapOf(interval, last.from, to)
    else gaps.push(gapOf(interval, from, to))
  }
  return gaps
}

function gapOf(interval: Interval, from: number, to: number): Gap {
  const length = intervalMicros(interval)
  if (length !== undefined) return { from, to, expected: (to - from) / length }
  let expected = 0
  for (let at = from; at < to; at = nextIntervalStart(interval, at)) expected++
  return { from, to, expected }
}
