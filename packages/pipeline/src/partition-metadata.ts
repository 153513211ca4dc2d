import { canonicalJson, type DatasetId, type ExchangeAdapter } from '@lake/core'

/**
 * What a Parquet file says of itself besides its schema: the table, the units and the revision of the step that
 * made it. Nothing that differs between two runs, since a partition is a pure function of its inputs.
 */
export function partitionMetadata(
  adapter: ExchangeAdapter,
  dataset: DatasetId,
  table: string,
  revision: number,
): Record<string, string> {
  const format = adapter.formats?.find(
    ({ dataType, markets }) => dataType === dataset.dataType && markets.includes(dataset.market),
  )
  return {
    'lake.table': table,
    'lake.revision': String(revision),
    'lake.units': canonicalJson({ time: 'microseconds since 1970-01-01 UTC', ...format?.units }),
  }
}
