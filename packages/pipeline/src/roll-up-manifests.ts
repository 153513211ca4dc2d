import { goldSeries, manifestPrefix, parseDatasetId, silverSeries } from '@lake/core'
import type { Lake } from './define-lake.ts'
import { goldTableOf } from './held-datasets.ts'

/**
 * Rolls up the manifests of datasets that a job has written, in silver and in gold, so that the next one reads a
 * document for each series and not every manifest. Only a job that changes a lake does that: who looks, writes nothing.
 */
export async function rollUpManifests({ ledger }: Lake, ids: Iterable<string>, signal?: AbortSignal): Promise<void> {
  for (const id of ids) {
    const dataset = parseDatasetId(id)
    // The folder of the whole symbol: gold has several intervals.
    const { interval: _, ...symbol } = goldSeries(goldTableOf(dataset), dataset, '1d')
    for (const series of [silverSeries(dataset), symbol]) {
      await ledger.rebuildIndex({ prefix: manifestPrefix(series), signal })
    }
  }
}
