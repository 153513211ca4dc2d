import type { SourceColumn, SourceFormat } from '@lake/core'

const TIME: SourceColumn = { name: 'timestamp', kind: 'time', to: 'ts_event', unit: 'seconds' }
const ID: SourceColumn = { name: 'id', kind: 'integer', to: 'trade_id' }
const PRICE: SourceColumn = { name: 'price', kind: 'decimal', to: 'price', exponent: true, places: 18 }

/** Bars have one volume, and the close stands before the open. */
const BAR: readonly SourceColumn[] = [
  TIME,
  ...(['volume', 'close', 'high', 'low', 'open'] as const).map((name): SourceColumn => ({
    name,
    kind: 'decimal',
    to: name,
    exponent: true,
    places: 18,
  })),
]

/** What the files of download.gatedata.org look like inside: no header, seconds with six decimals. */
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
      { name: 'amount', kind: 'decimal', to: 'size', exponent: true, places: 18 },
      { name: 'side', kind: 'word', to: 'side', words: { 1: 'sell', 2: 'buy' } },
    ],
    units: { size: 'base asset' },
    notes: [
      'The codes are read as the venue describes them: 1 is a sale, 2 a purchase. It does not say of whom; others who followed the prices over millions of trades found that the taker bought where it says 1.',
    ],
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
    id: 'gate-spot-klines',
    dataType: 'klines',
    markets: ['spot'],
    container: 'gzip-csv',
    header: 'absent',
    columns: BAR,
    closeBefore: 1000,
    units: { volume: 'base asset' },
    notes: [
      'Which asset the volume counts is not published; that it is the base was found by adding up the trades of each hour of a month.',
    ],
  },
  {
    id: 'gate-futures-klines',
    dataType: 'klines',
    markets: ['um', 'cm'],
    container: 'gzip-csv',
    header: 'absent',
    columns: BAR,
    closeBefore: 1000,
    units: { volume: 'contracts' },
  },
  {
    id: 'gate-funding',
    dataType: 'fundingRate',
    markets: ['um', 'cm'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [TIME, { name: 'rate', kind: 'decimal', to: 'funding_rate', signed: true, exponent: true, places: 18 }],
  },
]
