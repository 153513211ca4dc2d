/** What the sample archive holds. */
export const SAMPLE_DATASETS: readonly string[] = [
  'binance/spot/klines/BTCUSDT/1m',
  'binance/spot/klines/BTCUSDT/1h',
  'binance/cm/aggTrades/BTCUSD_PERP',
  'binance/um/fundingRate/BTCUSDT',
]
