import type { Instrument, InstrumentSource, Market } from '@lake/core'
import { amountOf, instantOf, itemsOf, memberOf, textOf } from '../rest/json-members.ts'
import { okxMarket } from './okx-market.ts'

const STATUS: Readonly<Record<string, Instrument['status']>> = {
  live: 'trading',
  suspend: 'halted',
  preopen: 'halted',
  expired: 'delisted',
}

/** Where OKX lists what it trades: one list a kind of instrument, in which both margins stand. */
export function okxInstruments(budget: string): readonly InstrumentSource[] {
  const source = (instType: string, markets: readonly Market[]): InstrumentSource => ({
    markets,
    endpoint: { kind: 'ccxt', exchange: 'okx', method: 'publicGetPublicInstruments' },
    parameters: { instType },
    budget,
    read,
    evidence: 'Recorded answers of all three kinds.',
  })
  return [source('SPOT', ['spot']), source('SWAP', ['um', 'cm']), source('FUTURES', ['um', 'cm'])]
}

function read(body: unknown, market: Market): readonly Instrument[] {
  const items = itemsOf(memberOf(body, 'data')).filter((item) => okxMarket(textOf(item, 'instId')) === market)
  return items.map((item) => {
    const symbol = textOf(item, 'instId')
    // Contracts leave base and quote empty; their name has both.
    const [base = '', quote = ''] = symbol.split('-')
    return {
      symbol,
      market,
      base: base.toUpperCase(),
      quote: quote.toUpperCase(),
      status: STATUS[textOf(item, 'state')] ?? 'unknown',
      contractSize: amountOf(item, 'ctVal'),
      listedAt: instantOf(item, 'listTime'),
      delistedAt: instantOf(item, 'expTime'),
    }
  })
}
