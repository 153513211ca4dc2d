import type { Market } from './vocabulary.ts'

/** One thing that a venue trades, or traded. A name that was delisted and used again is two instruments. */
export interface Instrument {
  /** The venue's own name. */
  readonly symbol: string
  readonly market: Market
  /** The assets, in upper case; `undefined` when the venue does not say. */
  readonly base?: string | undefined
  readonly quote?: string | undefined
  /** What one contract is worth, in quote (or base) currency, where volume counts contracts. */
  readonly contractSize?: number | undefined
  readonly status: 'trading' | 'halted' | 'delisted' | 'unknown'
  /** When trading began and ended, in epoch microseconds; `undefined` when unknown or not yet. */
  readonly listedAt?: number | undefined
  readonly delistedAt?: number | undefined
}
