import type { DatasetId, ExchangeAdapter } from '@lake/core'

/** Whether the venue's REST interface serves a dataset, in this interval. */
export function isServed({ rest }: ExchangeAdapter, dataset: DatasetId): boolean {
  const { dataType, market } = dataset
  const series = (rest?.series ?? []).filter((one) => one.dataType === dataType && one.markets.includes(market))
  // Asked for any page, a series says that it has no such interval.
  return series.some((one) => one.parameters({ dataset, from: 0, to: 60_000_000, limit: 1, fromId: 0n }) !== undefined)
}
