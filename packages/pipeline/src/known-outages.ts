import { type DatasetId, type KnownOutage, rangesOverlap } from '@lake/core'
import type { SeriesEvidence } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import type { VenueMemory } from './venue-memory.ts'

/**
 * The outages of a dataset's market: those that the adapter names, and those that the lake has learned of, as long as
 * no other symbol at hand has rows in them.
 */
export async function knownOutages(
  lake: Lake,
  { exchange, market }: DatasetId,
  others: readonly SeriesEvidence[],
  memory: VenueMemory,
): Promise<readonly KnownOutage[]> {
  const learned = await memory.outages(exchange)
  const believed = learned.filter((outage) => !others.some((other) => isTrading(other, outage)))
  const named = lake.exchange(exchange).outages ?? []
  return [...named, ...believed].filter(({ markets }) => markets.includes(market))
}

/** Each gap lies in one span, so what is silent throughout lies in one gap. */
function isTrading({ covered, gaps }: SeriesEvidence, { range }: KnownOutage): boolean {
  return covered
    .filter((span) => rangesOverlap(span, range))
    .map((span) => ({ from: Math.max(span.from, range.from), to: Math.min(span.to, range.to) }))
    .some((piece) => !gaps.some((gap) => gap.from <= piece.from && piece.to <= gap.to))
}
