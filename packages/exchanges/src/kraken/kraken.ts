import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { krakenFormats } from './formats.ts'

/** Kraken: what its downloadable bars look like. It leaves out bars without trades. */
export const kraken: ExchangeAdapter = defineExchange({
  id: 'kraken',
  contract: 1,
  formats: krakenFormats,
  omitsEmptyBars: true,
})
