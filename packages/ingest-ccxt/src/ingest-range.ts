import type { ObjectStore } from '@lake/core'
import { writePage } from './bronze-pages.ts'
import { fetchRange, type FetchRangeOptions } from './fetch-range.ts'
import { type FetchReport, newTally } from './fetch-report.ts'

export interface IngestRangeOptions extends FetchRangeOptions {
  /** The lake whose bronze gets the pages. */
  readonly target: ObjectStore
  /** Told of each page as soon as it lies in bronze. */
  readonly onPage?: ((page: { readonly key: string; readonly isNew: boolean }) => void) | undefined
}

export interface IngestReport extends FetchReport {
  /** Pages that bronze did not hold before. */
  readonly newPages: number
}

/**
 * Fetches a range into bronze, page by page: what has arrived stays when a later page fails.
 *
 * @throws what {@link fetchRange} throws, and what the store does.
 *
 * @example
 * const { rows } = await ingestRange({ adapter: binance, dataset, range, target: openStore('file:./lake-data') })
 */
export async function ingestRange(options: IngestRangeOptions): Promise<IngestReport> {
  const { target, onPage, signal } = options
  const pages = fetchRange(options)
  let newPages = 0
  try {
    for (;;) {
      const step = await pages.next()
      if (step.done === true) return { ...step.value, newPages }
      const written = await writePage(target, step.value, signal)
      if (written.isNew) newPages += 1
      onPage?.(written)
    }
  } finally {
    await pages.return({ dataset: options.dataset, series: [], ...newTally() })
  }
}
