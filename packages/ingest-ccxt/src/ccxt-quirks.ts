import type { Interval } from '@lake/core'

/** Where one of ccxt's exchanges is not as its description says, or where the description says nothing. */
export interface CcxtQuirks {
  /** The most bars of a page: spot, and contracts where they differ. */
  readonly bars?: { readonly spot: number; readonly contracts?: number | undefined } | undefined
  /** The most funding rates of a page. */
  readonly fundingRates?: number | undefined
  /** Bars cannot be asked for by time: there are the newest of them, and no others. */
  readonly latestBars?: boolean | undefined
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
 * Whatever is missing here is noticed, not stored: a bar that does not begin where the interval does fails its page.
 */
export const CCXT_QUIRKS: Readonly<Record<string, CcxtQuirks>> = {
  binance: {
    bars: { spot: 1000 },
    fundingRates: 1000,
    tradesByTime: true,
    evidence: `${SOURCE}: bars are capped at 1000 everywhere`,
  },
  bitget: { bars: { spot: 200 }, fundingRates: 100, evidence: SOURCE },
  bybit: { bars: { spot: 1000 }, fundingRates: 200, evidence: SOURCE },
  coinbase: { bars: { spot: 300 }, omitsEmptyBars: true, evidence: SOURCE },
  coinbaseexchange: { bars: { spot: 300 }, omitsEmptyBars: true, evidence: SOURCE },
  deribit: { bars: { spot: 1000 }, evidence: SOURCE },
  gate: { bars: { spot: 1000, contracts: 1999 }, evidence: SOURCE },
  htx: {
    bars: { spot: 1000, contracts: 2000 },
    shifted: ['1d', '1w', '1mo'],
    evidence: `${SOURCE}; days begin at 16:00Z, midnight in Singapore, by the documentation of its candles`,
  },
  hyperliquid: { bars: { spot: 5000 }, evidence: SOURCE },
  kraken: {
    bars: { spot: 720 },
    latestBars: true,
    tradesByTime: true,
    shifted: ['1w'],
    omitsEmptyBars: true,
    evidence: `${SOURCE}; older bars cannot be had by the documentation of Get OHLC Data; weeks begin on Thursdays`,
  },
  kucoin: { bars: { spot: 1500, contracts: 500 }, evidence: SOURCE },
  // ccxt asks for its bars in UTC by itself.
  okx: { bars: { spot: 300 }, fundingRates: 100, evidence: SOURCE },
}
