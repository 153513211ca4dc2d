import type { SourceColumn, SourceFormat } from '@lake/core'

/** Zeros and what is smaller than a millionth are written as `0E-8` and `4E-8`, and no value as two quotes. */
function optional(name: string, to: string = name, signed = false): SourceColumn {
  return { name, kind: 'decimal', to, nullable: true, signed, exponent: true, places: 16 }
}

/** What the archive has of options: a volatility index every second, and an hourly summary of every contract. */
export const binanceOptionFormats: readonly SourceFormat[] = [
  {
    id: 'binance-bvol-index',
    dataType: 'bvolIndex',
    markets: ['option'],
    container: 'zip-csv',
    columns: [
      { name: 'calc_time', kind: 'time', to: 'ts_event' },
      { name: 'symbol', kind: 'symbol' },
      { name: 'base_asset', kind: 'text', to: 'base_asset' },
      { name: 'quote_asset', kind: 'text', to: 'quote_asset' },
      { name: 'index_value', kind: 'decimal', to: 'index_value' },
    ],
    units: { index_value: 'percent of implied volatility a year' },
  },
  {
    id: 'binance-eoh-summary',
    dataType: 'eohSummary',
    markets: ['option'],
    container: 'zip-csv',
    columns: [
      { name: 'date', kind: 'time', to: 'ts_event', unit: 'text' },
      { name: 'hour', kind: 'hour' },
      { name: 'symbol', kind: 'text', to: 'option_symbol' },
      { name: 'underlying', kind: 'symbol' },
      { name: 'type', kind: 'text', to: 'option_type' },
      { name: 'strike', kind: 'text', to: 'strike' },
      optional('open'),
      optional('high'),
      optional('low'),
      optional('close'),
      optional('volume_contracts'),
      optional('volume_usdt'),
      optional('best_bid_price'),
      optional('best_ask_price'),
      optional('best_bid_qty', 'best_bid_size'),
      optional('best_ask_qty', 'best_ask_size'),
      // An implied volatility that cannot be solved is written as a negative number.
      optional('best_buy_iv', 'best_buy_iv', true),
      optional('best_sell_iv', 'best_sell_iv', true),
      optional('mark_price'),
      optional('mark_iv', 'mark_iv', true),
      optional('delta', 'delta', true),
      optional('gamma', 'gamma', true),
      optional('vega', 'vega', true),
      optional('theta', 'theta', true),
      optional('openinterest_contracts', 'open_interest_contracts'),
      optional('openinterest_usdt', 'open_interest_usdt'),
    ],
    availableAfter: 3_600_000_000,
    units: { volume_contracts: 'contracts', open_interest_contracts: 'contracts' },
    notes: [
      'One row an option and hour, in no order. `strike` is the text of the source, as in `231027-33000`.',
      'Whether `hour` names the begin or the end of what is summed up is not published: a row is taken as known an hour after it, which is never too early.',
    ],
  },
]
