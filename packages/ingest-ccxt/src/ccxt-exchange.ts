import {
  defineExchange,
  type ExchangeAdapter,
  LakeError,
  type Market,
  type PageAsk,
  type PageFormat,
  type RateBudget,
  type RestSeries,
} from '@lake/core'
import { type CcxtDescription, describeCcxt, featuresOf, marketsOf, timeframesOf } from './ccxt-description.ts'
import { CCXT_QUIRKS, type CcxtQuirks } from './ccxt-quirks.ts'
import { loadCcxt } from './load-ccxt.ts'

/** When ccxt says nothing about the length of a page. */
const UNKNOWN_LIMIT = 100

export interface CcxtExchangeOptions {
  /** An adapter of the same venue to add to: its archive, formats and streams stay. */
  readonly base?: ExchangeAdapter | undefined
  /** Instead of what {@link CCXT_QUIRKS} has. */
  readonly quirks?: CcxtQuirks | undefined
}

/**
 * An adapter for any of ccxt's exchanges, by ccxt's unified methods: bars, trades and funding rates, as far as ccxt has
 * them. Symbols are the venue's own, as in `BTC_USDT`; `um` and `cm` are linear and inverse contracts, and are served
 * where ccxt says that the venue has such.
 *
 * It knows what ccxt's unified rows know and no more: bars have open, high, low, close and volume, and numbers went
 * through ccxt's float64. An adapter of the venue's own gives all columns; this one is for a start, and for venues
 * that have none. A page is ccxt's rows together with the venue's own answers, see {@link unifiedTransport}.
 *
 * @param id ccxt's name of the exchange
 * @throws {@link LakeError} `UNSUPPORTED` when ccxt has no such exchange, or none of the three for it.
 *
 * @example
 * const bitstamp = await ccxtExchange('bitstamp')
 * for await (const page of fetchRange({ adapter: bitstamp, dataset, range })) await store(page)
 */
export async function ccxtExchange(id: string, options: CcxtExchangeOptions = {}): Promise<ExchangeAdapter> {
  const Exchange = await loadCcxt(id)
  const described = describeCcxt(new Exchange({}))
  const quirks = options.quirks ?? CCXT_QUIRKS[id] ?? { evidence: 'ccxt 4.5.84 describes it without quirks' }
  // ccxt's own limiter spaces the requests of a process by what each costs; the budget holds for all processes.
  const budget = { id: `${id}-ccxt`, weight: Math.max(1, Math.floor(60_000 / described.rateLimit)), window: 60_000_000 }
  const markets = marketsOf(described, quirks)
  const series = [
    ...markets.flatMap((market) => barSeries(id, market, described, quirks, budget)),
    ...markets.flatMap((market) => tradeSeries(id, market, described, quirks, budget)),
    ...markets
      .filter((market) => market !== 'spot')
      .flatMap((market) => fundingSeries(id, market, described, quirks, budget)),
  ]
  if (series.length === 0) {
    throw new LakeError('UNSUPPORTED', `ccxt has neither bars nor trades nor funding rates of ${id}.`, {
      details: { exchange: id },
    })
  }
  const { base } = options
  return defineExchange({
    ...base,
    id: base?.id ?? id,
    contract: 1,
    rest: { budgets: [budget], series },
    omitsEmptyBars: base?.omitsEmptyBars ?? quirks.omitsEmptyBars,
  })
}

function barSeries(
  id: string,
  market: Market,
  described: CcxtDescription,
  quirks: CcxtQuirks,
  budget: RateBudget,
): RestSeries[] {
  if (described.has.fetchOHLCV !== true) return []
  const { spot, contracts = spot } = quirks.bars ?? { spot: undefined }
  const pageLimit =
    (market === 'spot' ? spot : contracts) ?? featuresOf(described, market)?.fetchOHLCV?.limit ?? UNKNOWN_LIMIT
  const timeframes = timeframesOf(described, market, quirks)
  const common = { dataType: 'klines', markets: [market] } as const
  const format: PageFormat = {
    ...{ id: `${id}-ccxt-${market}-klines`, ...common, rows: ROWS, shape: 'array', closeBefore: 1000 },
    columns: [
      { name: 'timestamp', kind: 'time', to: 'ts_event' },
      ...['open', 'high', 'low', 'close', 'volume'].map((name) => ({ name, kind: 'decimal', to: name }) as const),
    ],
    // ccxt does not say whether volumes of contracts are in contracts or in coins.
    units: market === 'spot' ? { volume: 'base asset' } : undefined,
  }
  return [
    {
      ...{ id: `${id}-ccxt-${market}-klines`, ...common, pageLimit, maxBars: pageLimit, budget: budget.id, format },
      walk: quirks.latestBars === true ? 'latest' : 'forward',
      endpoint: { kind: 'ccxt', exchange: id, method: 'fetchOHLCV' },
      parameters({ dataset: { symbol, interval }, from, to, limit }) {
        const timeframe = interval === undefined ? undefined : timeframes.get(interval)
        if (timeframe === undefined) return undefined
        const common = { symbol, market, timeframe }
        if (quirks.latestBars === true) return { ...common, limit }
        return market !== 'spot' && quirks.contractBarsBetween === true
          ? { ...common, since: millis(from), until: millis(to) - 1 }
          : { ...common, since: millis(from), limit }
      },
      evidence: `Unified rows of ccxt 4.5.84; ${quirks.evidence}.`,
    },
  ]
}

function tradeSeries(
  id: string,
  market: Market,
  described: CcxtDescription,
  quirks: CcxtQuirks,
  budget: RateBudget,
): RestSeries[] {
  if (described.has.fetchTrades !== true) return []
  const pageLimit = featuresOf(described, market)?.fetchTrades?.limit ?? UNKNOWN_LIMIT
  const common = { dataType: 'trades', markets: [market] } as const
  return [
    {
      ...{ id: `${id}-ccxt-${market}-trades`, ...common, pageLimit, budget: budget.id },
      walk: quirks.tradesByTime === true ? 'forward' : 'latest',
      endpoint: { kind: 'ccxt', exchange: id, method: 'fetchTrades' },
      parameters: ({ dataset: { symbol }, from, limit }) =>
        quirks.tradesByTime === true ? { symbol, market, since: millis(from), limit } : { symbol, market, limit },
      format: {
        ...{ id: `${id}-ccxt-${market}-trades`, ...common, rows: ROWS, shape: 'object' },
        columns: [
          { name: 'timestamp', kind: 'time', to: 'ts_event' },
          { name: 'id', kind: 'integer', to: 'trade_id' },
          { name: 'price', kind: 'decimal', to: 'price' },
          { name: 'amount', kind: 'decimal', to: 'size' },
          { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
        ],
        units: market === 'spot' ? { size: 'base asset' } : undefined,
      },
      evidence: `Unified trades of ccxt 4.5.84, whose side is the taker's; ${quirks.evidence}.`,
    },
  ]
}

function fundingSeries(
  id: string,
  market: Market,
  described: CcxtDescription,
  quirks: CcxtQuirks,
  budget: RateBudget,
): RestSeries[] {
  if (described.has.fetchFundingRateHistory !== true) return []
  const common = { dataType: 'fundingRate', markets: [market] } as const
  const latest = quirks.latestFundingRates?.includes(market) === true
  return [
    {
      ...{ id: `${id}-ccxt-${market}-funding-rate`, ...common, budget: budget.id },
      ...{ walk: latest ? 'latest' : 'forward', pageLimit: quirks.fundingRates ?? UNKNOWN_LIMIT },
      endpoint: { kind: 'ccxt', exchange: id, method: 'fetchFundingRateHistory' },
      parameters: ({ dataset: { symbol }, from, limit }: PageAsk) =>
        latest ? { symbol, market, limit } : { symbol, market, since: millis(from), limit },
      format: {
        ...{ id: `${id}-ccxt-${market}-funding-rate`, ...common, rows: ROWS, shape: 'object' },
        columns: [
          { name: 'timestamp', kind: 'time', to: 'ts_event' },
          { name: 'fundingRate', kind: 'decimal', signed: true, to: 'funding_rate' },
        ],
      },
      evidence: `Unified rates of ccxt 4.5.84; ${quirks.evidence}.`,
    },
  ]
}

const ROWS = ['rows'] as const

function millis(micros: number): number {
  return Math.ceil(micros / 1000)
}
