import type { SourceColumn, SourceFormat } from '@lake/core'

const SIDES = { BUY: 'buy', SELL: 'sell' } as const

const LIQUIDATION_COLUMNS: readonly SourceColumn[] = [
  { name: 'time', kind: 'time', to: 'ts_event', unit: 'text' },
  { name: 'side', kind: 'word', to: 'side', words: SIDES },
  { name: 'order_type', kind: 'text', to: 'order_type' },
  { name: 'time_in_force', kind: 'text', to: 'time_in_force' },
  { name: 'original_quantity', kind: 'decimal', to: 'original_size' },
  { name: 'price', kind: 'decimal', to: 'price' },
  { name: 'average_price', kind: 'decimal', to: 'average_price' },
  { name: 'order_status', kind: 'text', to: 'status' },
  { name: 'last_fill_quantity', kind: 'decimal', to: 'last_fill_size' },
  { name: 'accumulated_fill_quantity', kind: 'decimal', to: 'filled_size' },
]

const [LIQUIDATION_TIME, ...LIQUIDATION_OTHERS] = LIQUIDATION_COLUMNS
const SYMBOL: SourceColumn = { name: 'symbol', kind: 'symbol' }

const BOOK_TICKER_COLUMNS: readonly SourceColumn[] = [
  { name: 'update_id', kind: 'integer', to: 'update_id' },
  { name: 'best_bid_price', kind: 'decimal', exponent: true, to: 'bid_price' },
  { name: 'best_bid_qty', kind: 'decimal', exponent: true, to: 'bid_size' },
  { name: 'best_ask_price', kind: 'decimal', exponent: true, to: 'ask_price' },
  { name: 'best_ask_qty', kind: 'decimal', exponent: true, to: 'ask_size' },
  { name: 'transaction_time', kind: 'time', to: 'transaction_time' },
  { name: 'event_time', kind: 'time', to: 'ts_event' },
]

const BOOK_DEPTH_COLUMNS: readonly SourceColumn[] = [
  { name: 'timestamp', kind: 'time', to: 'ts_event', unit: 'text' },
  { name: 'percentage', kind: 'decimal', to: 'percentage', signed: true },
  { name: 'depth', kind: 'decimal', to: 'depth', exponent: true },
  { name: 'notional', kind: 'decimal', to: 'notional', exponent: true },
]

/** As in the summaries of options, which come from the same place: `""` for no value, and `0E-8` for zero. */
function ratio(name: string): SourceColumn {
  return { name, kind: 'decimal', to: name, nullable: true, exponent: true, places: 16 }
}

const METRICS_COLUMNS: readonly SourceColumn[] = [
  { name: 'create_time', kind: 'time', to: 'ts_event', unit: 'text' },
  SYMBOL,
  ratio('sum_open_interest'),
  ratio('sum_open_interest_value'),
  ratio('count_toptrader_long_short_ratio'),
  ratio('sum_toptrader_long_short_ratio'),
  ratio('count_long_short_ratio'),
  ratio('sum_taker_long_short_vol_ratio'),
]

const METRICS_OF_OLD: readonly string[] = [
  'Before 2026-06-25 it was their end: the time stays what the file says, and a row was known five minutes before `ts_available`.',
  'Until then many days end with a row of the next midnight, or of some seconds after it. It is taken; where the file of the next day has that time too, that one is believed.',
]

/** What is no bar and no trade: liquidations, books, metrics. */
export const binanceEventFormats: readonly SourceFormat[] = [
  ...(['um', 'cm'] as const).map((market): SourceFormat => ({
    id: `binance-${market}-liquidations`,
    dataType: 'liquidations',
    markets: [market],
    container: 'zip-csv',
    columns: LIQUIDATION_COLUMNS,
    variants: [
      {
        era: 'with a column for the symbol',
        columns: LIQUIDATION_TIME === undefined ? [] : [LIQUIDATION_TIME, SYMBOL, ...LIQUIDATION_OTHERS],
      },
    ],
    units: sizeUnits(['original_size', 'last_fill_size', 'filled_size'], market),
    notes: [
      'Daily files ended on 2024-03-31 (um, since removed) and in October 2024 (cm).',
      'Some files have every row twice; they are halved when sources are merged, and only when the whole file is doubled.',
    ],
  })),
  ...(['um', 'cm'] as const).map((market): SourceFormat => ({
    id: `binance-${market}-book-ticker`,
    dataType: 'bookTicker',
    markets: [market],
    container: 'zip-csv',
    columns: BOOK_TICKER_COLUMNS,
    units: sizeUnits(['bid_size', 'ask_size'], market),
    notes: [
      'From 2023-05-16 to 2024-03-30. Files of January 2024 are in no order.',
      'The first month, 2023-05, ends with a row of the next one: it goes to the day that it is of, where the next file has it too.',
    ],
  })),
  ...(['um', 'cm'] as const).map((market): SourceFormat => ({
    id: `binance-${market}-book-depth`,
    dataType: 'bookDepth',
    markets: [market],
    container: 'zip-csv',
    columns: BOOK_DEPTH_COLUMNS,
    units: {
      percentage: 'percent',
      ...(market === 'um' ? { depth: 'base asset', notional: 'quote asset' } : {}),
    },
    notes: [
      'Cumulative bands around the price, about every 30 seconds: 10 a snapshot written `-5` at first, 12 written `-5.00` later.',
    ],
  })),
  ...(['um', 'cm'] as const).map((market): SourceFormat => ({
    id: `binance-${market}-metrics`,
    dataType: 'metrics',
    markets: [market],
    container: 'zip-csv',
    columns: METRICS_COLUMNS,
    availableAfter: 300_000_000,
    units:
      market === 'um'
        ? { sum_open_interest: 'base asset', sum_open_interest_value: 'quote asset' }
        : { sum_open_interest: 'contracts', sum_open_interest_value: 'base asset' },
    notes: [
      '`create_time` is the start of five minutes: a row is known at their end. Rows are in no order.',
      ...(market === 'um' ? METRICS_OF_OLD : []),
    ],
  })),
]

function sizeUnits(columns: readonly string[], market: 'um' | 'cm'): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column, market === 'um' ? 'base asset' : 'contracts']))
}
