import type { SourceColumn, SourceFormat } from '@lake/core'

const TIME: SourceColumn = { name: 'timestamp', kind: 'time', to: 'ts_event', unit: 'seconds' }
const ID: SourceColumn = { name: 'id', kind: 'integer', to: 'trade_id' }
const PRICE: SourceColumn = { name: 'price', kind: 'decimal', to: 'price', places: 18 }

/**
 * What the files of download.gatedata.org look like inside: no header, seconds with six decimals. Its spot bars are not
 * described: which asset their one volume counts is not published.
 */
export const gateFormats: readonly SourceFormat[] = [
  {
    id: 'gate-spot-trades',
    dataType: 'trades',
    markets: ['spot'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [
      TIME,
      ID,
      PRICE,
      { name: 'amount', kind: 'decimal', to: 'size', places: 18 },
      { name: 'side', kind: 'word', to: 'side', words: { 1: 'sell', 2: 'buy' } },
    ],
    units: { size: 'base asset' },
  },
  {
    id: 'gate-futures-trades',
    dataType: 'trades',
    markets: ['um', 'cm'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [TIME, ID, PRICE, { name: 'size', kind: 'signed-size', to: 'size' }],
    units: { size: 'contracts' },
    notes: [
      'July 2021 has files of spot trades in the place of some of these: they have a column more and are refused.',
    ],
  },
  {
    id: 'gate-futures-klines',
    dataType: 'klines',
    markets: ['um', 'cm'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [
      TIME,
      { name: 'volume', kind: 'decimal', to: 'volume', places: 18 },
      { name: 'close', kind: 'decimal', to: 'close', places: 18 },
      { name: 'high', kind: 'decimal', to: 'high', places: 18 },
      { name: 'low', kind: 'decimal', to: 'low', places: 18 },
      { name: 'open', kind: 'decimal', to: 'open', places: 18 },
    ],
    closeBefore: 1000,
    units: { volume: 'contracts' },
  },
  {
    id: 'gate-funding',
    dataType: 'fundingRate',
    markets: ['um', 'cm'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [TIME, { name: 'rate', kind: 'decimal', to: 'funding_rate', signed: true, places: 18 }],
  },
]
