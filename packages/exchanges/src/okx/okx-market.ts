import type { Market } from '@lake/core'

/** Files of a day that hold all instruments of a kind: their market, where those of futures hold both margins. */
const BUCKETS: ReadonlyMap<string, OkxBucket> = new Map([
  ['allspot', { market: 'spot', instrumentType: 'SPOT' }],
  ['allswap', { market: 'um', instrumentType: 'SWAP' }],
  ['allfutures', { market: 'um', instrumentType: 'FUTURES' }],
  ['alloption', { market: 'option', instrumentType: 'OPTION' }],
])

/** What the files of all instruments of a kind are. */
export interface OkxBucket {
  readonly market: Market
  /** The kind by the API's name. */
  readonly instrumentType: string
}

/** The files that a name stands for, where it is that of all instruments of a kind. */
export function okxBucket(symbol: string): OkxBucket | undefined {
  return BUCKETS.get(symbol)
}

/**
 * The market of an instrument by its id: `BTC-USDT` spot, `BTC-USDT-SWAP` and `BTC-USDT-240329` margined in a stable
 * coin, `BTC-USD-SWAP` in the coin, `BTC-USD-240329-50000-C` an option; also for the names of whole families.
 */
export function okxMarket(symbol: string): Market {
  const bucket = BUCKETS.get(symbol)
  if (bucket !== undefined) return bucket.market
  const [, quote, kind, strike] = symbol.split('-')
  if (kind === undefined) return 'spot'
  if (kind === 'optionchain' || strike !== undefined) return 'option'
  return quote === 'USD' ? 'cm' : 'um'
}
