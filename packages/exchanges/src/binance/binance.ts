import { defineExchange, type ExchangeAdapter } from '@lake/core'
import { binanceArchive } from './archive.ts'
import { binanceContractSize } from './contract-size.ts'
import { binanceFormats } from './formats.ts'

/**
 * Binance: its public archive at data.binance.vision, what the files look like inside, and its contract sizes.
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
  contractSize: binanceContractSize,
})
