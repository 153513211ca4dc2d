import { type Columns, tableSchema } from '@lake/core'
import { Schema, type Table } from 'apache-arrow'

/** The columns of {@link ResampledBars}: those of the gold table `bars` but for `vwap`, which `@lake/enrich` adds. */
export type ResampledColumns = Omit<Columns['bars'], 'vwap'>

/**
 * Bars of a grain that was computed. `ts_event` is the start of the bar, `ts_available` when all of it was known, `close_time`
 * its last instant and `child_count` the number of finest rows that it was made of: 1m klines, or trades.
 */
export type ResampledBars = Table<ResampledColumns>

/** The schema of {@link ResampledBars} with the metadata of the table that the bars are made from. */
export function resampledSchema(metadata?: ReadonlyMap<string, string>): Schema<ResampledColumns> {
  const fields = tableSchema('bars').fields.filter((field) => field.name !== 'vwap')
  return new Schema<ResampledColumns>(fields, new Map(metadata))
}
