import type { DatasetId, ExchangeAdapter, TimeRange } from '@lake/core'

/** A dataset, its venue, and the range in which rows are expected. */
export interface DatasetScope {
  readonly dataset: DatasetId
  readonly adapter: ExchangeAdapter
  readonly range: TimeRange
}
