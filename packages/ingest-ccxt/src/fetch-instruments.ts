import { type ExchangeAdapter, type Instrument, LakeError, type Market } from '@lake/core'
import { systemClock } from './clock.ts'
import { createTransport } from './create-transport.ts'
import type { VenueOptions } from './fetch-range.ts'
import { newTally } from './fetch-report.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { requestPage } from './request-page.ts'
import { budgetOf } from './serving-series.ts'

export interface FetchInstrumentsOptions extends VenueOptions {
  readonly market: Market
}

/**
 * What a venue trades in a market, by its symbols in code-unit order.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the adapter knows no list for the market; `details.served` names those it knows.
 * @throws {@link LakeError} `BAD_FORMAT` when the answer lists nothing, or something without a symbol.
 *
 * @example
 * const instruments = await fetchInstruments({ adapter: binance, market: 'um' })
 */
export async function fetchInstruments(options: FetchInstrumentsOptions): Promise<readonly Instrument[]> {
  const { adapter, market, attempts = 5, connectionAttempts = attempts, clock = systemClock, signal } = options
  const source = adapter.rest?.instruments?.find(({ markets }) => markets.includes(market))
  if (source === undefined) throw notListed(adapter, market)
  const transport = options.transport ?? createTransport()
  const limiter = options.limiter ?? createRateLimiter({ clock })
  try {
    const { reply } = await requestPage(
      {
        endpoint: source.endpoint,
        parameters: source.parameters ?? {},
        budget: budgetOf(adapter.rest, source.budget),
        weight: source.weight ?? 1,
      },
      { transport, limiter, clock, attempts, connectionAttempts, tally: newTally(), signal },
    )
    const instruments = source.read(reply.json, market).toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
    if (instruments.length > 0 && instruments[0]?.symbol !== '') return instruments
  } finally {
    if (options.transport === undefined) await transport.close()
  }
  throw new LakeError('BAD_FORMAT', `The list of instruments of ${adapter.id}/${market} names no symbols.`, {
    details: { exchange: adapter.id, market },
  })
}

function notListed({ id, rest }: ExchangeAdapter, market: Market): LakeError {
  const served = rest?.instruments?.flatMap(({ markets }) => markets) ?? []
  return new LakeError(
    'UNSUPPORTED',
    `${id} has no list of instruments for the market ${market}, only for ${served.join(' ') || 'none'}.`,
    { details: { exchange: id, market, served } },
  )
}
