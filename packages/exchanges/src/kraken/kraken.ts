import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { krakenRest } from './rest.ts'

/**
 * Kraken: spot over REST. The newest 720 bars of an interval and no older ones; every trade since 2013, page by page.
 * Symbols are its alternative names, `XBTUSD`, as in the files that it publishes.
 *
 * A minute without a trade is absent from those files, so a missing bar is no gap.
 */
export const kraken: ExchangeAdapter = defineExchange({
  id: 'kraken',
  contract: 1,
  rest: krakenRest,
  omitsEmptyBars: true,
})
