import type { DataType } from '@lake/core'
import { type PageBatch, parsePages, type PagesReport, type ParsePagesOptions } from './parse-pages.ts'

export interface PageTables<D extends DataType> {
  /** One table a series that has rows: several series fill different columns of the same rows. */
  readonly tables: readonly PageBatch<D>[]
  readonly report: PagesReport
}

/**
 * Reads pages into one table a series, each of one batch.
 *
 * @throws {@link LakeError} what {@link parsePages} throws.
 *
 * @example
 * const { tables, report } = await parsePageTables({ pages, dataset, series: binance.rest.series })
 * console.log(report.rows, floatValues(tables[0].table, 'close')[0])
 */
export async function parsePageTables<D extends DataType>(
  options: Omit<ParsePagesOptions<D>, 'batchRows'>,
): Promise<PageTables<D>> {
  const batches = parsePages({ ...options, batchRows: Infinity })
  const tables: PageBatch<D>[] = []
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) return { tables, report: value }
    tables.push(value)
  }
}
