import type { Interval, Market } from '@lake/core'

/** Where one of ccxt's exchanges is not as its description says, or where the description says nothing. */
export interface CcxtQuirks {
  /** The kinds of contracts that it trades, where ccxt's description has others. */
  readonly contracts?: readonly Exclude<Market, 'spot' | 'option'>[] | undefined
  /** The most bars of a page: spot, and contracts where they differ. */
  readonly bars?: { readonly spot: number; readonly contracts?: number | undefined } | undefined
  /** The most funding rates of a page. */
  readonly fundingRates?: number | undefined
  /** Bars cannot be asked for by time: there are the newest of them, and no others. */
  readonly latestBars?: boolean | undefined
  /** Bars of contracts are asked for by both ends and without a limit, which would make the venue ignore the ends. */
  readonly contractBarsBetween?: boolean | undefined
  /** Contracts whose funding rates cannot be asked for by time: there are the newest of them, and no others. */
  readonly latestFundingRates?: readonly Market[] | undefined
  /** Trades can be asked for from a time on; elsewhere there are the newest of them, and no others. */
  readonly tradesByTime?: boolean | undefined
  /** Intervals whose bars do not begin where those of the lake do. */
  readonly shifted?: readonly Interval[] | undefined
  /** Bars in which nothing traded are left out. */
  readonly omitsEmptyBars?: boolean | undefined
  /** Where that is from. */
  readonly evidence: string
}

const SOURCE = 'the source of ccxt 4.5.84'

/**
 * The quirks of ccxt's exchanges. Page limits that ccxt declares itself, in `features`, need no line here.
 *
 * Whatever is missing here is noticed, not stored: a bar that does not begin where the interval does fails its page, and
 * so do the newest rows of a venue that was asked for older ones.
 */
export const CCXT_QUIRKS: Readonly<Record<string, CcxtQuirks>> = {
  binance: {
    bars: { spot: 1000 },
    fundingRates: 1000,
    tradesByTime: true,
    evidence: `${SOURCE}: bars are capped at 1000 everywhere`,
  },
  binancecoinm: { contracts: ['cm'], bars: { spot: 1000 }, fundingRates: 1000, evidence: SOURCE },
  binanceusdm: { contracts: ['um'], bars: { spot: 1000 }, fundingRates: 1000, evidence: SOURCE },
  bitfinex: {
    bars: { spot: 10_000 },
    latestFundingRates: ['um'],
    evidence: `${SOURCE}: bars are asked for oldest first, funding rates come newest first and without a limit`,
  },
  bitget: { bars: { spot: 200 }, fundingRates: 100, evidence: SOURCE },
  bitstamp: { bars: { spot: 1000 }, evidence: `${SOURCE}: the limit of one address for pairs and contracts` },
  bybit: { bars: { spot: 1000 }, fundingRates: 200, evidence: SOURCE },
  coinbase: { bars: { spot: 300 }, omitsEmptyBars: true, evidence: SOURCE },
  coinbaseexchange: { bars: { spot: 300 }, omitsEmptyBars: true, evidence: SOURCE },
  deribit: { bars: { spot: 1000 }, evidence: SOURCE },
  gate: { bars: { spot: 1000, contracts: 1999 }, evidence: SOURCE },
  htx: {
    bars: { spot: 1000, contracts: 2000 },
    contractBarsBetween: true,
    latestFundingRates: ['cm'],
    shifted: ['1d', '1w', '1mo'],
    evidence: `${SOURCE}: with a limit the venue ignores both ends, and inverse funding rates are asked for by page alone; days begin at 16:00Z, midnight in Singapore, by the documentation of its candles`,
  },
  hyperliquid: {
    contracts: ['um'],
    bars: { spot: 5000 },
    latestBars: true,
    fundingRates: 500,
    evidence: `${SOURCE}, where no market is inverse; only the last 5000 bars can be had by the documentation of Candle snapshot`,
  },
  kraken: {
    bars: { spot: 720 },
    latestBars: true,
    tradesByTime: true,
    shifted: ['1w'],
    omitsEmptyBars: true,
    evidence: `${SOURCE}; older bars cannot be had by the documentation of Get OHLC Data; weeks begin on Thursdays`,
  },
  kucoin: {
    bars: { spot: 1499, contracts: 199 },
    evidence: `${SOURCE}: pages have 1500 bars, those of contracts 200, and ccxt asks with both ends for one more than that`,
  },
  mexc: {
    bars: { spot: 500, contracts: 2000 },
    latestFundingRates: ['um', 'cm'],
    evidence: `${SOURCE}: 500 bars of spot in practice where the documentation has 1000; funding rates are asked for by page alone`,
  },
  // ccxt asks for its bars in UTC by itself.
  okx: { bars: { spot: 300 }, fundingRates: 100, evidence: SOURCE },
  pacifica: { contracts: ['um'], evidence: `${SOURCE}: no market is inverse` },
  upbit: {
    bars: { spot: 200 },
    omitsEmptyBars: true,
    evidence: `${SOURCE}; bars are made only where something traded, by the documentation of its candles`,
  },
  whitebit: { contracts: ['um'], evidence: `${SOURCE}: no market is inverse` },
}
