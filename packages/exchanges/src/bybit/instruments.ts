import type { Instrument, InstrumentSource, Market } from '@lake/core'
import { instantOf, itemsOf, memberOf, textOf } from '../rest/json-members.ts'

/** Bybit's words for what it trades. Everything that it lists no more is absent from the answer. */
const STATUS: Readonly<Record<string, Instrument['status']>> = {
  Trading: 'trading',
  PreLaunch: 'halted',
  Delivering: 'halted',
  Closed: 'delisted',
}

/** Where Bybit lists what it trades: one list a market. */
export function bybitInstruments(budget: string, weight: number): readonly InstrumentSource[] {
  const source = (market: Market, category: string): InstrumentSource => ({
    markets: [market],
    endpoint: { kind: 'ccxt', exchange: 'bybit', method: 'publicGetV5MarketInstrumentsInfo' },
    parameters: { category, limit: 1000 },
    budget,
    weight,
    read,
    evidence: 'Recorded answers of spot and linear with limit 1000: 557 and 800 instruments, nothing after them.',
  })
  return [source('spot', 'spot'), source('um', 'linear'), source('cm', 'inverse')]
}

function read(body: unknown, market: Market): readonly Instrument[] {
  return itemsOf(memberOf(memberOf(body, 'result'), 'list')).map((item) => ({
    symbol: textOf(item, 'symbol'),
    market,
    base: textOf(item, 'baseCoin').toUpperCase(),
    quote: textOf(item, 'quoteCoin').toUpperCase(),
    status: STATUS[textOf(item, 'status')] ?? 'unknown',
    // Inverse contracts are of one dollar each.
    contractSize: market === 'cm' ? 1 : undefined,
    listedAt: instantOf(item, 'launchTime'),
    delistedAt: instantOf(item, 'deliveryTime'),
  }))
}
