import type { Listing } from './gap-evidence.ts'

/** A stretch in which a venue listed an instrument under a name. A name that is used again is another instrument. */
export interface InstrumentEpoch extends Listing {
  readonly symbol: string
  /** When one could know of it. Default: `from`. */
  readonly knownFrom?: number | undefined
}

/**
 * The instruments that could be traded at a moment, as one could know then, by symbol. Instruments that were delisted
 * later are in it: leaving them out is how backtests survive what portfolios do not.
 *
 * @param asOf Epoch microseconds UTC. An epoch begins at its `from` and ends before its `to`.
 *
 * @example
 * universe(epochs, parseInstant('2022-05-01')).some(({ symbol }) => symbol === 'LUNAUSDT') // true
 */
export function universe<E extends InstrumentEpoch>(epochs: readonly E[], asOf: number): E[] {
  return epochs
    .filter(
      ({ from, to = Number.POSITIVE_INFINITY, knownFrom = from }) => from <= asOf && asOf < to && knownFrom <= asOf,
    )
    .sort((a, b) => (a.symbol === b.symbol ? a.from - b.from : a.symbol < b.symbol ? -1 : 1))
}
