import type { DatasetId, ExchangeAdapter, SourceFormat } from '@lake/core'

/** What the archive's files of the dataset may look like. */
export function formatsOf({
  adapter,
  dataset,
}: {
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
}): readonly SourceFormat[] {
  const { dataType, market } = dataset
  return (adapter.formats ?? []).filter((format) => format.dataType === dataType && format.markets.includes(market))
}
