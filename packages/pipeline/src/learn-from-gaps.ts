import { type DatasetId, parseDatasetId } from '@lake/core'
import { type ManifestReader, recordLearnedOutages } from '@lake/ledger'
import { learnOutages } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { explainDataset } from './explain-dataset.ts'
import type { LearnedOutage } from './learned-outage.ts'

/** A dataset that a job has looked at. */
export interface ChangedDataset {
  readonly id: string
  /** How many gaps it has; `null` where rows have no grid, absent when nobody has looked. */
  readonly gaps?: number | null | undefined
  /** How many of its partitions were written. */
  readonly partitions: number
}

/**
 * Explains the gaps of a dataset that a job has written to, and keeps the outages that show in the silence of all its
 * symbols: they are known from then on, also where only one symbol is at hand.
 */
export async function learnFromGaps(
  lake: Lake,
  manifests: ManifestReader,
  { id, gaps, partitions }: ChangedDataset,
  signal?: AbortSignal,
): Promise<readonly LearnedOutage[]> {
  if (gaps === null || gaps === 0 || partitions === 0) return []
  const dataset: DatasetId = parseDatasetId(id)
  const { exchange, market } = dataset
  const { gaps: explained = [] } = await explainDataset({ lake, dataset, reader: manifests, signal })
  const named = lake.exchange(exchange).outages ?? []
  const learned = await recordLearnedOutages(lake.store, exchange, (known) => {
    const isNamed = new Set(named)
    return learnOutages([...named, ...known], explained, [market]).filter((outage) => !isNamed.has(outage))
  })
  return learned.map((outage) => ({ exchange, ...outage }))
}
