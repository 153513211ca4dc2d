import { setTimeout as sleep } from 'node:timers/promises'
import { type DatasetId, formatDatasetId, LakeError, type TimeRange } from '@lake/core'
import { type LiveEvent, recordLive, type RecordReport } from '@lake/ingest-ccxt'
import type { BuiltMonth } from './build-silver-month.ts'
import type { Lake } from './define-lake.ts'
import { buildFromPages } from './fetch-pages.ts'
import { openRun } from './open-run.ts'
import { refreshGold } from './refresh-gold.ts'
import { requestedDatasets } from './run-request.ts'
import type { RunFailure } from './run-failure.ts'
import { rollUpManifests } from './roll-up-manifests.ts'
import { runRecord } from './run-record.ts'
import { openSilverThreads, type SilverThreads } from './silver-threads.ts'
import { venueUrl } from './venue-urls.ts'

const HOUR = 3_600_000_000

/** What to record. */
export interface RecordRequest {
  /** Of one exchange. */
  readonly datasets: readonly (DatasetId | string)[]
  /** A local folder for frames on their way to bronze; it outlives a crash. */
  readonly spool: string
  /** How often what lies in bronze becomes silver, in microseconds; an hour when absent. The end always does. */
  readonly commitEvery?: number | undefined
  /** When a file of frames goes to bronze: so many microseconds, or bytes; an hour and 16 MiB when absent. */
  readonly rotate?: { readonly everyMicros?: number | undefined; readonly bytes?: number | undefined } | undefined
}

/** What a recording did. */
export interface LakeRecordReport extends RecordReport {
  /** Silver partitions that were written. */
  readonly partitions: number
  /** Partitions that failed a check and are not published. */
  readonly blocked: number
  readonly failures: readonly RunFailure[]
}

export interface RecordLakeOptions {
  /** Ends the recording in order: this is how it normally ends. */
  readonly signal: AbortSignal
  readonly onEvent?: ((event: LiveEvent) => void) | undefined
}

/**
 * Records what a venue sends live into bronze until the signal aborts, and brings it into silver and gold every hour
 * and at the end.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the datasets are of several exchanges, and what `recordLive` throws.
 *
 * @example
 * await recordLake(lake, { datasets: ['binance/um/liquidations/BTCUSDT'], spool: './spool' }, { signal })
 */
export async function recordLake(
  given: Lake,
  request: RecordRequest,
  { signal, onEvent }: RecordLakeOptions,
): Promise<LakeRecordReport> {
  const lake = openRun(given)
  const datasets = requestedDatasets(request)
  const [first] = datasets
  const exchange = first?.exchange ?? ''
  if (datasets.some((dataset) => dataset.exchange !== exchange)) {
    throw new LakeError('BAD_REQUEST', 'A recording is of one exchange. Start one recorder for each.')
  }
  const { spool, commitEvery = HOUR, rotate } = request
  await using threads = openSilverThreads(lake.threads)
  const started = lake.now()
  const failures: RunFailure[] = []
  let partitions = 0
  let blocked = 0
  const commit = async (from: number): Promise<void> => {
    for (const dataset of datasets) {
      const built = await commitFrames({ lake, dataset, range: { from, to: lake.now() + 1 }, threads })
      partitions += built.written
      blocked += built.blocked
      failures.push(...built.failures)
    }
  }
  const ended = new AbortController()
  const committing = commitNowAndThen(commitEvery, ended.signal, async () => commit(started))
  try {
    const report = await recordLive({
      adapter: lake.exchange(exchange),
      datasets,
      target: lake.store,
      spool,
      signal,
      rotate: {
        ...(rotate?.everyMicros === undefined ? {} : { everyMicros: rotate.everyMicros }),
        ...(rotate?.bytes === undefined ? {} : { bytes: rotate.bytes }),
      },
      baseUrl: venueUrl(exchange, lake.venues.urls)?.replace(/^http/, 'ws'),
      onEvent,
    })
    ended.abort()
    await committing
    await commit(Math.min(started, report.recovered.sessions > 0 ? started - 31 * 24 * HOUR : started))
    const result = { ...report, partitions, blocked, failures }
    if (partitions + blocked > 0) {
      await lake.ledger.recordRun(runRecord('record', result))
      await rollUpManifests(lake, datasets.map(formatDatasetId))
    }
    return result
  } finally {
    ended.abort()
    await committing
  }
}

interface CommitFrames {
  readonly lake: Lake
  readonly dataset: DatasetId
  readonly range: TimeRange
  readonly threads: SilverThreads
}

async function commitFrames({
  lake,
  dataset,
  range,
  threads,
}: CommitFrames): Promise<{ written: number; blocked: number; failures: RunFailure[] }> {
  const built = await buildFromPages({ lake, dataset, ranges: [range], threads })
  const { failures } = await refreshGold(lake, dataset, built)
  const total = (count: (month: BuiltMonth) => number): number => built.reduce((sum, month) => sum + count(month), 0)
  return { written: total((month) => month.written), blocked: total((month) => month.blocked), failures: [...failures] }
}

async function commitNowAndThen(every: number, signal: AbortSignal, commit: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await sleep(every / 1000, undefined, { signal })
    } catch {
      return
    }
    await commit()
  }
}
