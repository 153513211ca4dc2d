import { type ExchangeAdapter, LakeError } from '@lake/core'
import { binance } from './binance/binance.ts'
import { bybit } from './bybit/bybit.ts'
import { coinbase } from './coinbase/coinbase.ts'
import { gate } from './gate/gate.ts'
import { kraken } from './kraken/kraken.ts'
import { kucoin } from './kucoin/kucoin.ts'
import { okx } from './okx/okx.ts'

const EXCHANGES: readonly ExchangeAdapter[] = [binance, bybit, coinbase, gate, kraken, kucoin, okx]

/** Every adapter of this package, by id. */
export function listExchanges(): readonly ExchangeAdapter[] {
  return EXCHANGES
}

/**
 * The adapter of an exchange.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when there is none, naming those there are.
 *
 * @example
 * getExchange('binance').archive?.url // 'https://data.binance.vision'
 */
export function getExchange(id: string): ExchangeAdapter {
  const adapter = EXCHANGES.find((exchange) => exchange.id === id)
  if (adapter !== undefined) return adapter
  const known = EXCHANGES.map((exchange) => exchange.id)
  throw new LakeError('BAD_REQUEST', `There is no exchange '${id}', only ${known.join(' ')}.`, {
    details: { value: id, known },
  })
}
