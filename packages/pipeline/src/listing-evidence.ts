import type { DatasetId } from '@lake/core'
import type { Listing } from '@lake/quality'
import type { VenueMemory } from './venue-memory.ts'

/**
 * When a dataset's instrument was listed, as the venue said when the lake asked it for its symbols; `undefined` when
 * it never asked, or when nobody knows since when. A name that was used again has several listings.
 */
export async function listingEvidence(
  memory: VenueMemory,
  { exchange, market, symbol }: DatasetId,
): Promise<readonly Listing[] | undefined> {
  const { instruments = [] } = (await memory.instruments(exchange, market)) ?? {}
  const own = instruments.filter((one) => one.symbol === symbol)
  // Where the beginning of one is not known, nothing can be said about the time before it.
  const listings = own.map(({ listedAt = 0, delistedAt: to }) => ({ from: listedAt, to }))
  return listings.length === 0 ? undefined : listings
}
