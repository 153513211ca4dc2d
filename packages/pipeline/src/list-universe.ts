import { type InstrumentEpoch, universe } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { type ListedSymbol, listSymbols, type SymbolsRequest } from './list-symbols.ts'

export interface UniverseRequest extends SymbolsRequest {
  /** Epoch microseconds UTC. */
  readonly asOf: number
}

/** What could be traded at a moment. */
export interface Universe {
  /** In code-unit order; those delisted since are among them. */
  readonly symbols: readonly ListedSymbol[]
  /** Symbols of which nobody knows since when they are listed: they are not in `symbols`. */
  readonly undated: readonly string[]
}

/**
 * What could be traded in a market at a moment, as one could know then, also what was delisted since: leaving that out
 * is how backtests survive what portfolios do not.
 *
 * Trading began and ended when the venue says so; where it does not, when the archive's files begin and end, and
 * what is listed now has not ended. Nothing is in it before one could know of it (see `knownFrom` of
 * {@link ListedSymbol}): a symbol whose first file is a month or a day long comes with its end, since nobody knows
 * when in it trading began, and one whose beginning the venue dates back comes with the first list or file that has it.
 * What ended stays until the venue's end of it, until the end of its last file, or until it was found to be gone.
 *
 * @throws {@link LakeError} what {@link listSymbols} throws.
 *
 * @example
 * const { symbols } = await listUniverse(lake, { exchange: 'binance', market: 'um', asOf: parseInstant('2022-05-01') })
 */
export async function listUniverse(
  lake: Lake,
  { asOf, ...request }: UniverseRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Universe> {
  const listed = await listSymbols(lake, request, options)
  const epochs: (InstrumentEpoch & { readonly instrument: ListedSymbol })[] = []
  const undated: string[] = []
  for (const instrument of listed) {
    const { symbol, listedAt, delistedAt, knownFrom, isListed, archiveFrom, archiveTo } = instrument
    const from = listedAt ?? archiveFrom ?? knownFrom
    const to = delistedAt ?? (isListed === true ? undefined : archiveTo)
    if (from === undefined) undated.push(symbol)
    else epochs.push({ symbol, from, knownFrom, ...(to === undefined ? {} : { to }), instrument })
  }
  return { symbols: universe(epochs, asOf).map(({ instrument }) => instrument), undated }
}
