import { formatDatasetId, LakeError, parseDatasetId } from '@lake/core'
import { type CrossChecked, crossCheckLake } from './cross-check-lake.ts'
import type { Lake } from './define-lake.ts'
import { learnFromGaps } from './learn-from-gaps.ts'
import type { LearnedOutage } from './learned-outage.ts'
import { openManifestReader } from './manifest-reader.ts'
import { openRun } from './open-run.ts'
import { planDataset } from './plan-run.ts'
import { requestedDatasets, type RunRequest } from './run-request.ts'
import { runDataset } from './run-dataset.ts'
import type { DatasetReport, RunFailure, RunReport } from './run-report.ts'
import { runRecord } from './run-record.ts'
import { openSilverThreads } from './silver-threads.ts'
import { openVenues } from './venues.ts'
import type { RunOptions } from './run-options.ts'

/**
 * Brings datasets from an archive through bronze and silver to gold, and does only what is not done yet: a file
 * that lies in bronze is not fetched again, a partition whose inputs are unchanged is not touched.
 *
 * Datasets are independent: what fails in one is reported in `failures` and leaves its partitions as they were. A
 * run that is killed at any moment leaves every partition old or new; running again completes it, byte for byte
 * as if nothing had happened.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request; `signal.reason` when aborted.
 *
 * @example
 * const lake = defineLake({ lake: 'file:./lake-data' })
 * const report = await runPipeline(lake, {
 *   source: 'file:./fixtures/archive',
 *   datasets: ['binance/spot/klines/BTCUSDT/1m'],
 * })
 * console.log(report.datasets[0]?.rows) // 4320
 */
export async function runPipeline(given: Lake, request: RunRequest, options: RunOptions = {}): Promise<RunReport> {
  const lake = openRun(given)
  const started = lake.now()
  const datasets: DatasetReport[] = []
  const failures: RunFailure[] = []
  await using threads = openSilverThreads(lake.threads)
  await using venues = openVenues(lake.venues, lake.now)
  for (const dataset of requestedDatasets(request)) {
    try {
      const plan = await planDataset(lake, request, dataset, options)
      const outcome = await runDataset(lake, plan, request, { threads, venues }, options)
      datasets.push(outcome.report)
      failures.push(...outcome.failures)
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id: formatDatasetId(dataset), error })
    }
  }
  const looked = await lookAcross(lake, datasets, failures, options.signal)
  const report: RunReport = { datasets, ...looked, failures, seconds: (lake.now() - started) / 1_000_000 }
  // A run that changed nothing leaves nothing behind, not even a record of itself.
  const isChanged = datasets.some(({ partitions, newlyBlocked }) => partitions + newlyBlocked > 0)
  if (isChanged) await lake.ledger.recordRun(recordOf(report, request))
  return report
}

type Looked = Pick<RunReport, 'crossChecks' | 'outages'>

/** What shows only when all of silver is there. What fails here is told, and changes nothing of what was published. */
async function lookAcross(
  lake: Lake,
  reports: readonly DatasetReport[],
  failures: RunFailure[],
  signal: AbortSignal | undefined,
): Promise<Looked> {
  const manifests = openManifestReader(lake, signal)
  const crossChecks: CrossChecked[] = []
  const outages: LearnedOutage[] = []
  for (const report of reports) {
    const { id } = report
    try {
      for await (const one of crossCheckLake(lake, manifests, parseDatasetId(id), signal)) crossChecks.push(one)
      outages.push(...(await learnFromGaps(lake, manifests, report, signal)))
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
  }
  return { crossChecks, outages }
}

function recordOf(report: RunReport, { source }: RunRequest): Record<string, unknown> {
  return {
    ...runRecord('run', { ...report }),
    source: typeof source === 'string' ? withoutCredentials(source) : source.url,
  }
}

function withoutCredentials(source: string): string {
  return source.replace(/^([a-z0-9+]+:\/\/)[^/@]*@/i, '$1')
}
