import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { krakenArchive } from './archive.ts'
import { krakenFormats } from './formats.ts'
import { krakenLive } from './live.ts'
import { krakenRest } from './rest.ts'

/**
 * Kraken: spot over REST, the newest 720 bars of an interval and no older ones, and every trade since 2013, page by
 * page; trades live; and its downloadable bars, from a folder of the user's.
 * Symbols are its alternative names, `XBTUSD`, as in the files that it publishes.
 *
 * A minute without a trade is absent from those files, so a missing bar is no gap.
 */
export const kraken: ExchangeAdapter = defineExchange({
  id: 'kraken',
  contract: 1,
  archive: krakenArchive,
  rest: krakenRest,
  live: krakenLive,
  formats: krakenFormats,
  omitsEmptyBars: true,
})
