import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { coinbaseLive } from './live.ts'
import { coinbaseRest } from './rest.ts'

/**
 * Coinbase Exchange: spot over REST, all of its history, and its trades live. Symbols are product ids, `BTC-USD`.
 *
 * It leaves out bars in which nothing traded, so a missing bar is no gap.
 */
export const coinbase: ExchangeAdapter = defineExchange({
  id: 'coinbase',
  contract: 1,
  rest: coinbaseRest,
  live: coinbaseLive,
  omitsEmptyBars: true,
})
