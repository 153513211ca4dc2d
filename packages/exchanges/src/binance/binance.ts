import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { binanceArchive } from './archive.ts'
import { binanceContractSize } from './contract-size.ts'
import { binanceFormats } from './formats.ts'
import { binanceLive } from './live.ts'
import { binanceOutages } from './outages.ts'
import { binanceRest } from './rest.ts'

/**
 * Binance: its public archive at data.binance.vision, what it serves over REST, what both look like inside, and its contract sizes.
 *
 * @example
 * binance.archive?.prefixes(parseDatasetId('binance/spot/klines/BTCUSDT/1m'))
 * // ['data/spot/daily/klines/BTCUSDT/1m/', 'data/spot/monthly/klines/BTCUSDT/1m/']
 */
export const binance: ExchangeAdapter = defineExchange({
  id: 'binance',
  contract: 1,
  archive: binanceArchive,
  formats: binanceFormats,
  rest: binanceRest,
  live: binanceLive,
  outages: binanceOutages,
  contractSize: binanceContractSize,
})
