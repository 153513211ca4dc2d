import type { SourceColumn, SourceFormat } from '@lake/core'
import { SIDE_WORDS } from '../side-words.ts'
import { METATRADER_OFFSET } from './metatrader-offset.ts'

const CONTRACT_TRADES: readonly SourceColumn[] = [
  { name: 'timestamp', kind: 'time', to: 'ts_event', unit: 'seconds' },
  { name: 'symbol', kind: 'symbol' },
  { name: 'side', kind: 'word', to: 'side', words: SIDE_WORDS },
  { name: 'size', kind: 'decimal', to: 'size', exponent: true, places: 18 },
  { name: 'price', kind: 'decimal', to: 'price', exponent: true, places: 18 },
  { name: 'tickDirection', kind: 'ignored' },
  { name: 'trdMatchID', kind: 'uuid', to: 'trade_id' },
  // Products of price and size with the noise of floating point.
  { name: 'grossValue', kind: 'ignored' },
  { name: 'homeNotional', kind: 'ignored' },
  { name: 'foreignNotional', kind: 'ignored' },
]

const SPOT_TRADES: readonly SourceColumn[] = [
  { name: 'id', kind: 'integer', to: 'trade_id' },
  { name: 'timestamp', kind: 'time', to: 'ts_event' },
  { name: 'price', kind: 'decimal', to: 'price', exponent: true, places: 18 },
  { name: 'volume', kind: 'decimal', to: 'size', exponent: true, places: 18 },
  { name: 'side', kind: 'word', to: 'side', words: SIDE_WORDS },
]

const UUID_NOTE =
  '`trade_id` is made of the first 48 and the last 16 bits of a UUID, less the sign: 63 bits that are the same for two of a million trades with a chance of one in 18 million. The whole UUID stays in bronze.'

/** What the files of public.bybit.com look like inside. */
export const bybitFormats: readonly SourceFormat[] = [
  ...(['um', 'cm'] as const).map((market): SourceFormat => ({
    id: `bybit-${market}-trades`,
    dataType: 'trades',
    markets: [market],
    container: 'gzip-csv',
    columns: [...CONTRACT_TRADES, { name: 'RPI', kind: 'ignored' }],
    variants: [{ era: 'before the column RPI', columns: CONTRACT_TRADES }],
    sparseIds: true,
    units: { size: market === 'um' ? 'base asset' : 'contracts' },
    notes: [UUID_NOTE, 'Files of 2019 and 2020 begin with the newest trade.'],
  })),
  {
    id: 'bybit-spot-trades',
    dataType: 'trades',
    markets: ['spot'],
    container: 'gzip-csv',
    columns: [...SPOT_TRADES, { name: 'rpi', kind: 'ignored' }],
    variants: [{ era: 'before the column rpi', columns: SPOT_TRADES }],
    idsOfFile: true,
    units: { size: 'base asset' },
    notes: [
      '`trade_id` counts the trades of a file from 1: it is unique in a file, not in the dataset. REST and streams number the same trades otherwise, so a day that a file covers is taken from the file alone, from that of the day before that of its month.',
    ],
  },
  {
    id: 'bybit-metatrader-klines',
    dataType: 'klines',
    markets: ['um'],
    container: 'gzip-csv',
    header: 'absent',
    columns: [
      { name: 'time', kind: 'time', to: 'ts_event', unit: 'metatrader', utcOffset: METATRADER_OFFSET },
      ...['open', 'high', 'low', 'close', 'volume'].map((name): SourceColumn => ({
        name,
        kind: 'decimal',
        to: name,
        exponent: true,
        places: 18,
      })),
    ],
    closeBefore: 1000,
    units: { volume: 'base asset' },
    notes: [
      'Days and months begin at 21:00Z of the day before: the clock is three hours ahead of UTC, in summer and in winter.',
    ],
  },
]
