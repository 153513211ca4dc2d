import type { SourceColumn, SourceFormat } from '@lake/core'
import { SIDE_WORDS } from '../side-words.ts'

/** A bar closes a millisecond before the next one opens, as other venues write it. */
const CLOSE_BEFORE = 1000

const PRICES: readonly SourceColumn[] = (['open', 'high', 'low', 'close'] as const).map((name) => ({
  name,
  kind: 'decimal',
  to: name,
  exponent: true,
  places: 18,
}))

const TRADES: readonly SourceColumn[] = [
  { name: 'trade_id', kind: 'integer', to: 'trade_id' },
  { name: 'trade_time', kind: 'time', to: 'ts_event' },
  { name: 'price', kind: 'decimal', to: 'price', exponent: true, places: 18 },
  { name: 'size', kind: 'decimal', to: 'size', exponent: true, places: 18 },
  { name: 'side', kind: 'word', to: 'side', words: SIDE_WORDS },
]

/** What the files of historical-data.kucoin.com look like inside: with a header each; sizes of futures are contracts. */
export const kucoinFormats: readonly SourceFormat[] = [
  {
    id: 'kucoin-spot-klines',
    dataType: 'klines',
    markets: ['spot'],
    container: 'zip-csv',
    columns: [
      { name: 'time', kind: 'time', to: 'ts_event', unit: 'seconds' },
      { name: 'open', kind: 'decimal', to: 'open', exponent: true, places: 18 },
      { name: 'close', kind: 'decimal', to: 'close', exponent: true, places: 18 },
      { name: 'high', kind: 'decimal', to: 'high', exponent: true, places: 18 },
      { name: 'low', kind: 'decimal', to: 'low', exponent: true, places: 18 },
      { name: 'volume', kind: 'decimal', to: 'volume', exponent: true, places: 18 },
      { name: 'turnover', kind: 'decimal', to: 'quote_volume', exponent: true, places: 16 },
    ],
    closeBefore: CLOSE_BEFORE,
    units: { volume: 'base asset', quote_volume: 'quote asset' },
    notes: ['The close stands before the high, and times are seconds; both are other than in the files of futures.'],
  },
  {
    id: 'kucoin-futures-klines',
    dataType: 'klines',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: [
      { name: 'time', kind: 'time', to: 'ts_event' },
      ...PRICES,
      { name: 'volume', kind: 'decimal', to: 'volume', exponent: true, places: 18 },
    ],
    closeBefore: CLOSE_BEFORE,
    units: { volume: 'contracts' },
    notes: [
      'The files of days, `1d`, are said to name the volume and to lack it in every row: they are refused. Gold has days of the bars of hours.',
    ],
  },
  ...(['markPriceKlines', 'indexPriceKlines'] as const).map((dataType): SourceFormat => ({
    id: dataType === 'markPriceKlines' ? 'kucoin-mark-klines' : 'kucoin-index-klines',
    dataType,
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: [{ name: 'time', kind: 'time', to: 'ts_event' }, ...PRICES],
    closeBefore: CLOSE_BEFORE,
  })),
  {
    id: 'kucoin-spot-trades',
    dataType: 'trades',
    markets: ['spot'],
    container: 'zip-csv',
    columns: TRADES,
    sparseIds: true,
    units: { size: 'base asset' },
    notes: [
      'Ids are whole numbers. What else the venue calls an id, 24 hexadecimal digits in its older answers, has more bits than the column, and no description of these files has it: such a file is refused.',
    ],
  },
  {
    id: 'kucoin-futures-trades',
    dataType: 'trades',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: TRADES,
    sparseIds: true,
    units: { size: 'contracts' },
    notes: ['Ids are unique, but two ranges of them are mixed: they say nothing about the order.'],
  },
  {
    id: 'kucoin-funding',
    dataType: 'fundingRate',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: [
      // The venue calls bitcoin XBT in its API and BTC in its archive; which of them stands here is not relied on.
      { name: 'symbol', kind: 'ignored' },
      { name: 'time', kind: 'time', to: 'ts_event' },
      { name: 'fundingRate', kind: 'decimal', to: 'funding_rate', signed: true, exponent: true, places: 18 },
    ],
    header: 'present',
  },
]
