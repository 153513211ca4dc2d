import type { Instrument, InstrumentSource, Market } from '@lake/core'

/** The venue's words for a state in which nothing trades for now; whatever else is neither this nor trading is over. */
const HALTED: readonly string[] = ['BREAK', 'HALT', 'PENDING_TRADING', 'PRE_TRADING', 'POST_TRADING', 'AUCTION_MATCH']

/** Binance's lists of what it trades now; delisted symbols are in its archive alone. */
export const binanceInstruments: readonly InstrumentSource[] = [
  source('spot', 'publicGetExchangeInfo', 20),
  source('um', 'fapiPublicGetExchangeInfo', 1),
  source('cm', 'dapiPublicGetExchangeInfo', 1),
]

function source(market: Market, method: string, weight: number): InstrumentSource {
  return {
    markets: [market],
    endpoint: { kind: 'ccxt', exchange: 'binance', method },
    budget: `binance-${market}`,
    weight,
    read: (body) => listOf(body).map((entry) => instrumentOf(entry, market, numberOf(body, 'serverTime') ?? 0)),
    evidence: `Documentation of GET exchangeInfo: weight ${weight}. The answer: recorded.`,
  }
}

function instrumentOf(entry: unknown, market: Market, now: number): Instrument {
  const status = textOf(entry, 'status') ?? textOf(entry, 'contractStatus')
  const listed = numberOf(entry, 'onboardDate')
  const delivery = numberOf(entry, 'deliveryDate')
  return {
    symbol: textOf(entry, 'symbol') ?? '',
    market,
    base: textOf(entry, 'baseAsset')?.toUpperCase(),
    quote: textOf(entry, 'quoteAsset')?.toUpperCase(),
    contractSize: numberOf(entry, 'contractSize'),
    status:
      status === 'TRADING'
        ? 'trading'
        : status === undefined
          ? 'unknown'
          : HALTED.includes(status)
            ? 'halted'
            : 'delisted',
    listedAt: listed === undefined ? undefined : listed * 1000,
    // Perpetuals have a delivery date too, in the year 2100.
    delistedAt: delivery === undefined || delivery > now ? undefined : delivery * 1000,
  }
}

function listOf(body: unknown): readonly unknown[] {
  const list: unknown = memberOf(body, 'symbols')
  return Array.isArray(list) ? list : []
}

function textOf(entry: unknown, name: string): string | undefined {
  const value = memberOf(entry, name)
  return typeof value === 'string' ? value : undefined
}

function numberOf(entry: unknown, name: string): number | undefined {
  const value = memberOf(entry, name)
  return typeof value === 'number' ? value : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
