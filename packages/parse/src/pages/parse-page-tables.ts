import type { Columns, DataType, ExactColumns, ExactDecimals } from '@lake/core'
import type { TypeMap } from 'apache-arrow'
import {
  type AnyPagesOptions,
  type PageBatch,
  type PagesReport,
  type ParsePagesOptions,
  readPages,
} from './parse-pages.ts'

export interface PageTables<D extends DataType, T extends TypeMap = Columns[D]> {
  /** One table a series that has rows: several series fill different columns of the same rows. */
  readonly tables: readonly PageBatch<D, T>[]
  readonly report: PagesReport
}

/**
 * Reads pages into one table a series, each of one batch.
 *
 * @throws {@link LakeError} what {@link parsePages} throws.
 *
 * @example
 * const { tables, report } = await parsePageTables({ pages, dataset, series: binance.rest?.series ?? [] })
 * for (const { table } of tables) console.log(report.rows, floatValues(table, 'close')[0])
 */
export function parsePageTables<D extends DataType>(
  options: Omit<ParsePagesOptions<D>, 'batchRows'> & ExactDecimals,
): Promise<PageTables<D, ExactColumns[D]>>
export function parsePageTables<D extends DataType>(
  options: Omit<ParsePagesOptions<D>, 'batchRows'> & { readonly decimals?: undefined },
): Promise<PageTables<D>>
export async function parsePageTables(
  options: Omit<AnyPagesOptions, 'batchRows'>,
): Promise<PageTables<DataType, TypeMap>> {
  const batches = readPages({ ...options, batchRows: Infinity })
  const tables: PageBatch<DataType, TypeMap>[] = []
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) return { tables, report: value }
    tables.push(value)
  }
}
