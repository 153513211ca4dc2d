import type { TimeRange } from '@lake/core'
import { floatAt } from './value-at.ts'

/** Stretches of time that neither overlap nor touch, in order: questions about them cost a binary search. */
export interface Spans {
  readonly from: Float64Array
  readonly to: Float64Array
}

/** The time that any of the ranges covers; empty ranges cover none. */
export function uniteSpans(ranges: readonly TimeRange[]): Spans {
  const sorted = inOrder(ranges.filter(({ from, to }) => from < to))
  const from = new Float64Array(sorted.length)
  const to = new Float64Array(sorted.length)
  let spans = 0
  for (const range of sorted) {
    if (spans > 0 && range.from <= floatAt(to, spans - 1)) {
      to[spans - 1] = Math.max(floatAt(to, spans - 1), range.to)
      continue
    }
    from[spans] = range.from
    to[spans++] = range.to
  }
  return { from: from.subarray(0, spans), to: to.subarray(0, spans) }
}

/** Most come in order, and are not sorted again. */
function inOrder(ranges: TimeRange[]): TimeRange[] {
  let last = Number.NEGATIVE_INFINITY
  for (const { from } of ranges) {
    if (from < last) return ranges.sort((a, b) => a.from - b.from)
    last = from
  }
  return ranges
}

/** The time of `spans` that none of the ranges covers. */
export function subtractSpans(spans: Spans, ranges: readonly TimeRange[]): Spans {
  if (ranges.length === 0) return spans
  const holes = uniteSpans(ranges)
  const left: TimeRange[] = []
  for (const { from, to } of rangesOf(spans)) {
    let at = from
    for (let hole = firstEndingAfter(holes, from); hole < holes.from.length && floatAt(holes.from, hole) < to; hole++) {
      left.push({ from: at, to: floatAt(holes.from, hole) })
      at = floatAt(holes.to, hole)
    }
    left.push({ from: at, to })
  }
  return uniteSpans(left)
}

/** True when every moment of the range lies in the spans. */
export function covers(spans: Spans, { from, to }: TimeRange): boolean {
  const span = firstEndingAfter(spans, from)
  return span < spans.from.length && floatAt(spans.from, span) <= from && to <= floatAt(spans.to, span)
}

/** True when some moment of the range lies in the spans. */
export function touches(spans: Spans, { from, to }: TimeRange): boolean {
  const span = firstEndingAfter(spans, from)
  return span < spans.from.length && floatAt(spans.from, span) < to
}

/** Where spans begin and end strictly inside a range. */
export function boundariesIn(spans: Spans, { from, to }: TimeRange): number[] {
  const found: number[] = []
  for (let span = firstEndingAfter(spans, from); span < spans.from.length && floatAt(spans.from, span) < to; span++) {
    for (const at of [floatAt(spans.from, span), floatAt(spans.to, span)]) if (at > from && at < to) found.push(at)
  }
  return found
}

/** The spans as ranges. */
export function rangesOf({ from, to }: Spans): TimeRange[] {
  return Array.from(from, (start, span) => ({ from: start, to: floatAt(to, span) }))
}

function firstEndingAfter({ to }: Spans, time: number): number {
  let low = 0
  let high = to.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (floatAt(to, middle) <= time) low = middle + 1
    else high = middle
  }
  return low
}
