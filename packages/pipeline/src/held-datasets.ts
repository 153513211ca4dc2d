import {
  type DatasetId,
  formatDatasetId,
  type GoldTable,
  goldSeries,
  type Interval,
  manifestPrefix,
  parseManifestKey,
  silverDataset,
} from '@lake/core'
import { MANIFEST_PREFIX, type ManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** The datasets that a lake holds in silver, in order of their ids. Lists the manifests, and reads none. */
export async function heldDatasets(reader: ManifestReader): Promise<DatasetId[]> {
  const datasets = new Map<string, DatasetId>()
  for (const { series } of await reader.entries(MANIFEST_PREFIX)) {
    const dataset = silverDataset(series)
    if (dataset !== undefined) datasets.set(formatDatasetId(dataset), dataset)
  }
  return [...datasets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dataset]) => dataset)
}

/** The intervals in which a lake holds gold of a dataset. */
export async function heldGold(lake: Lake, dataset: DatasetId, signal?: AbortSignal): Promise<Interval[]> {
  const intervals = new Set<Interval>()
  // The prefix of the whole symbol: the interval is what is looked for.
  const { interval: _, ...symbol } = goldSeries(goldTableOf(dataset), dataset, '1d')
  for await (const { key } of lake.store.list({ prefix: manifestPrefix(symbol), signal })) {
    const interval = parseManifestKey(key)?.series.interval
    if (interval !== undefined) intervals.add(interval)
  }
  return [...intervals]
}

/** The table of gold that is made of a dataset. */
export function goldTableOf({ dataType }: DatasetId): GoldTable {
  return dataType === 'fundingRate' ? 'funding' : 'bars'
}
