import { rangesOf, type Spans, subtractSpans, uniteSpans } from './spans.ts'

/**
 * Where all series that were looked into are silent together, and where at least one of them is not. Where none was
 * looked into, neither is claimed.
 */
export function silenceOfAll(series: readonly { readonly covered: Spans; readonly active: Spans }[]): {
  readonly silence: Spans
  readonly trading: Spans
} {
  const covered = uniteSpans(series.flatMap((one) => rangesOf(one.covered)))
  const trading = uniteSpans(series.flatMap(({ active }) => rangesOf(active)))
  return { silence: subtractSpans(covered, rangesOf(trading)), trading }
}
