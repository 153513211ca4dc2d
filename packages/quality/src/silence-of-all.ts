import type { TimeRange } from '@lake/core'
import type { SeriesEvidence } from './gap-evidence.ts'
import { rangesOf, type Spans, subtractSpans, uniteSpans } from './spans.ts'

/**
 * Where all series that were looked into are silent together, and where at least one of them is not. Where none was
 * looked into, neither is claimed.
 */
export function silenceOfAll(series: readonly SeriesEvidence[]): { readonly silence: Spans; readonly trading: Spans } {
  const covered = uniteSpans(series.flatMap((one) => one.covered))
  const trading = uniteSpans(series.flatMap(({ covered: own, gaps }) => rangesOf(subtractSpans(uniteSpans(own), gaps))))
  const active: TimeRange[] = rangesOf(trading)
  return { silence: subtractSpans(covered, active), trading }
}
