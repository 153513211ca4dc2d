import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { coinbaseRest } from './rest.ts'

/**
 * Coinbase Exchange: spot over REST, all of its history. Symbols are product ids, `BTC-USD`.
 *
 * It leaves out bars in which nothing traded, so a missing bar is no gap.
 */
export const coinbase: ExchangeAdapter = defineExchange({
  id: 'coinbase',
  contract: 1,
  rest: coinbaseRest,
  omitsEmptyBars: true,
})
