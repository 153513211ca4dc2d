import type { SourceFormat } from '@lake/core'

/**
 * Kraken's OHLCVT files: `XBTUSD_60.csv`, without header, by the minutes of a bar. They come in one large zip: a run takes
 * the folder that it lies in or is unpacked to.
 */
export const krakenFormats: readonly SourceFormat[] = [
  {
    id: 'kraken-ohlcvt',
    dataType: 'klines',
    markets: ['spot'],
    container: 'csv',
    header: 'absent',
    columns: [
      { name: 'timestamp', kind: 'time', to: 'ts_event', unit: 'seconds' },
      { name: 'open', kind: 'decimal', to: 'open', exponent: true, places: 18 },
      { name: 'high', kind: 'decimal', to: 'high', exponent: true, places: 18 },
      { name: 'low', kind: 'decimal', to: 'low', exponent: true, places: 18 },
      { name: 'close', kind: 'decimal', to: 'close', exponent: true, places: 18 },
      // Some sizes are written as `1E+1`.
      { name: 'volume', kind: 'decimal', to: 'volume', exponent: true, places: 18 },
      { name: 'trades', kind: 'integer', to: 'trade_count' },
    ],
    closeBefore: 1000,
    units: { volume: 'base asset' },
    notes: ['Bars without trades are absent.'],
  },
]
