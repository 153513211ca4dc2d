import type { KnownOutage, Market, ObjectStore } from '@lake/core'
import { readLearnedOutages } from '@lake/ledger'
import { readInstruments, type RememberedInstruments } from './read-instruments.ts'

/** What a lake remembers of venues, as it was when it was first asked for: each document is read once for all datasets. */
export interface VenueMemory {
  /** What {@link readInstruments} gives. */
  instruments(exchange: string, market: Market): Promise<RememberedInstruments | undefined>
  /** The outages that the lake has learned of. */
  outages(exchange: string): Promise<readonly KnownOutage[]>
}

/** Opens the memory of a lake; nothing is read yet. */
export function openVenueMemory(store: ObjectStore): VenueMemory {
  const instruments = new Map<string, Promise<RememberedInstruments | undefined>>()
  const outages = new Map<string, Promise<readonly KnownOutage[]>>()
  return {
    instruments: async (exchange, market) => {
      const key = `${exchange}/${market}`
      const known = instruments.get(key) ?? readInstruments(store, { exchange, market })
      instruments.set(key, known)
      return known
    },
    outages: async (exchange) => {
      const known = outages.get(exchange) ?? readLearnedOutages(store, exchange)
      outages.set(exchange, known)
      return known
    },
  }
}
