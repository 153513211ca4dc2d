import { goldSeries } from '@lake/core'
import { bucketRange } from './bucket-range.ts'
import type { GoldTask } from './gold-task.ts'
import { commitGold, type GoldOutcome } from './commit-gold.ts'
import { coveredSpan } from './gold-sources.ts'
import { partitionMetadata } from './partition-metadata.ts'

/** Raised whenever the same silver bytes give other gold bytes; a golden test forces it. */
export const GOLD_FUNDING_REVISION = 3

/** Brings one month of gold funding up to date: the sum and the number of funding events of each interval. */
export async function buildGoldFunding(task: GoldTask): Promise<GoldOutcome> {
  const { lake, scope, index, read, interval, month, signal } = task
  const { adapter, dataset } = scope
  const buckets = bucketRange(interval, month)
  const inputs = await index.files(dataset, buckets)
  if (inputs.length === 0) return { rows: 0, written: false }
  const span = coveredSpan(inputs, buckets)
  const partition = {
    series: goldSeries('funding', dataset, interval),
    month: month.label,
    inputs,
    span,
    revision: GOLD_FUNDING_REVISION,
    options: { interval },
    metadata: partitionMetadata(adapter, dataset, 'funding', GOLD_FUNDING_REVISION),
  }
  const compute = async () => {
    const { resampleFunding } = await import('./resample-funding.ts')
    const events = await read.fundingRate({ files: inputs, range: buckets, signal })
    return resampleFunding(events, { to: interval, until: span.to })
  }
  return commitGold(lake, partition, { compute, signal })
}
