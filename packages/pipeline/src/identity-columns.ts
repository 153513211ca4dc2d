import { constantWord, makeTable, type Series } from '@lake/core'
import { Dictionary, Field, Int32, Schema, type Table, Utf8 } from 'apache-arrow'

/**
 * The table with `exchange`, `market`, `symbol` and (for bars) `interval` as further dictionary columns, so that
 * a Parquet file explains itself wherever it lies. Copies none of the table's columns.
 */
export function withIdentity(table: Table, series: Series): Table {
  const { exchange, market, symbol, interval } = series
  const words = { exchange, market, symbol, ...(interval === undefined ? {} : { interval }) }
  const fields = Object.keys(words).map((name) => new Field(name, new Dictionary(new Utf8(), new Int32()), false))
  const columns = Object.entries(words).map(([name, word]) => [name, constantWord(word, table.numRows)] as const)
  return table.assign(makeTable(new Schema(fields), Object.fromEntries(columns)))
}
