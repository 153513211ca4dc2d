import type { Market, SourceColumn, SourceFormat } from '@lake/core'
import { SIDE_WORDS } from '../side-words.ts'

const INSTRUMENT: SourceColumn = { name: 'instrument_name', kind: 'symbol' }
const ID: SourceColumn = { name: 'trade_id', kind: 'integer', to: 'trade_id' }
const SIDE: SourceColumn = { name: 'side', kind: 'word', to: 'side', words: SIDE_WORDS }
// Small numbers are written as `7.98e-05`.
const PRICE: SourceColumn = { name: 'price', kind: 'decimal', to: 'price', exponent: true, places: 18 }
const SIZE: SourceColumn = { name: 'size', kind: 'decimal', to: 'size', exponent: true, places: 18 }
const CREATED: SourceColumn = { name: 'created_time', kind: 'time', to: 'ts_event' }

const SIZE_UNITS: readonly (readonly [Market, string])[] = [
  ['spot', 'base asset'],
  ['um', 'contracts'],
  ['cm', 'contracts'],
  ['option', 'contracts'],
]

const TRADES: readonly SourceColumn[] = [INSTRUMENT, ID, SIDE, PRICE, SIZE, CREATED]

/** What each of the three volumes of a bar is: by market, in the order of the file. */
const VOLUMES: Readonly<Record<'spot' | 'um' | 'cm', readonly (string | undefined)[]>> = {
  spot: ['volume', undefined, 'quote_volume'],
  um: [undefined, 'volume', 'quote_volume'],
  cm: ['volume', 'quote_volume', undefined],
}

function trades([market, unit]: readonly [Market, string]): SourceFormat {
  return {
    id: `okx-${market}-trades`,
    dataType: 'trades',
    markets: [market],
    container: 'zip-csv',
    header: 'present',
    translatedHeader: true,
    columns: [...TRADES, { name: 'source', kind: 'ignored' }],
    variants: [
      { era: 'before the column source', columns: TRADES },
      { era: 'names with a Chinese translation', columns: [ID, SIDE, SIZE, PRICE, CREATED] },
    ],
    units: { size: unit },
    notes: ['Days begin at 16:00Z of the day before. Older rows are in no order.'],
  }
}

const AGGREGATES: readonly SourceColumn[] = [{ ...ID, to: 'agg_trade_id' }, SIDE, SIZE, PRICE, CREATED]

function aggTrades([market, unit]: readonly [Market, string]): SourceFormat {
  return {
    id: `okx-${market}-agg-trades`,
    dataType: 'aggTrades',
    markets: [market],
    container: 'zip-csv',
    header: 'present',
    translatedHeader: true,
    columns: AGGREGATES,
    variants: [{ era: 'before 2022, without names', columns: AGGREGATES, header: 'absent' }],
    sparseIds: true,
    units: { size: unit },
    notes: [
      'Days begin at 16:00Z of the day before. Rows are in no order of time.',
      'Which trades an aggregate stands for is not said: its first and last trade are null.',
    ],
  }
}

function klines(market: 'spot' | 'um' | 'cm'): SourceFormat {
  const volumes = ['vol', 'vol_ccy', 'vol_quote'].map((name, index): SourceColumn => {
    const to = VOLUMES[market][index]
    if (to === undefined) return { name, kind: 'ignored' }
    const decimal: SourceColumn = { name, kind: 'decimal', to, exponent: true, places: 16 }
    return to === 'quote_volume' ? { ...decimal, nullable: true, emptyAs: 'None' } : decimal
  })
  return {
    id: `okx-${market}-klines`,
    dataType: 'klines',
    markets: [market],
    container: 'zip-csv',
    header: 'present',
    translatedHeader: true,
    columns: [
      INSTRUMENT,
      ...(['open', 'high', 'low', 'close'] as const).map((name): SourceColumn => ({
        name,
        kind: 'decimal',
        to: name,
        exponent: true,
        places: 18,
      })),
      ...volumes,
      { name: 'open_time', kind: 'time', to: 'ts_event' },
      { name: 'confirm', kind: 'ignored' },
    ],
    closeBefore: 1000,
    units:
      market === 'cm'
        ? { volume: 'contracts', quote_volume: 'base asset' }
        : { volume: 'base asset', quote_volume: 'quote asset' },
    notes: [
      'Days begin at 16:00Z of the day before.',
      'Before the end of August 2023 some files have only the first of the three volumes, and `None` for the others.',
      ...(market === 'um'
        ? ['The first is contracts, and how many coins one is they do not say: such files of swaps are refused.']
        : []),
    ],
  }
}

/** What the files of static.okx.com look like inside. */
export const okxFormats: readonly SourceFormat[] = [
  ...SIZE_UNITS.map(trades),
  ...SIZE_UNITS.map(aggTrades),
  klines('spot'),
  klines('um'),
  klines('cm'),
  {
    id: 'okx-funding',
    dataType: 'fundingRate',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    header: 'present',
    translatedHeader: true,
    columns: [
      INSTRUMENT,
      { name: 'funding_rate', kind: 'decimal', to: 'funding_rate', signed: true, exponent: true, places: 18 },
      { name: 'funding_time', kind: 'time', to: 'ts_event' },
    ],
    notes: [
      'Monthly files of one perpetual; its rows of days that these do not have are read out of the daily file of all, `allswap`.',
    ],
  },
]
