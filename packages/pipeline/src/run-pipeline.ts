import { type DatasetId, formatDatasetId, LakeError } from '@lake/core'
import { bringInDataset, type BroughtIn } from './bring-in-dataset.ts'
import { completeDataset } from './complete-dataset.ts'
import type { Lake } from './define-lake.ts'
import { openPassingHealer } from './heal-in-passing.ts'
import type { HealedDataset } from './heal-dataset.ts'
import { isServed } from './is-served.ts'
import { lookAcross } from './look-across.ts'
import { missingRows } from './missing-rows.ts'
import { openRun } from './open-run.ts'
import { planDataset } from './plan-run.ts'
import { DEFAULT_GOLD, requestedDatasets, type RunRequest } from './run-request.ts'
import type { RunFailure } from './run-failure.ts'
import type { DatasetReport, RunReport } from './run-report.ts'
import { rollUpManifests } from './roll-up-manifests.ts'
import { runRecord } from './run-record.ts'
import { openSilverThreads, type SilverThreads } from './silver-threads.ts'
import type { RunOptions } from './run-options.ts'
import { unaskedOfVenues } from './unasked-of-venues.ts'

/**
 * Brings datasets from an archive through bronze and silver to gold, and does only what is not done yet: a file
 * that lies in bronze is not fetched again, a partition whose inputs are unchanged is not touched.
 *
 * With `heal`, gaps whose cause allows it are asked of the venue between silver and gold, within a budget. A venue that
 * does not answer is not asked again in this run; nothing fails for it, and `unasked` tells what was left.
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
  await using threads = openSilverThreads(lake.threads)
  const run: Run = { lake, request, options, threads, reports: new Map(), failures: [] }
  const wanted = requestedDatasets(request)
  const holed: BroughtIn[] = []
  for (const dataset of wanted) {
    await attempt(run, dataset, async () => {
      const plan = await planDataset(lake, request, dataset, options)
      const brought = await bringInDataset(lake, plan, threads, { ...options, gold: request.gold ?? DEFAULT_GOLD })
      run.failures.push(...brought.failures)
      if (request.heal === true && mayBeHealed(brought)) holed.push(brought)
      else await complete(run, brought)
    })
  }
  const healed = await healAndComplete(run, holed)
  const { reports, failures } = run
  const datasets = wanted.flatMap((dataset) => reports.get(formatDatasetId(dataset)) ?? [])
  const looked = await lookAcross(lake, datasets, failures, options.signal)
  const seconds = (lake.now() - started) / 1_000_000
  const report: RunReport = { datasets, ...looked, unasked: unaskedOfVenues(healed), failures, seconds }
  // A run that changed nothing leaves nothing behind, not even a record of itself.
  const changed = datasets.filter(({ partitions, newlyBlocked }) => partitions + newlyBlocked > 0).map(({ id }) => id)
  if (changed.length > 0) await lake.ledger.recordRun(recordOf(report, request))
  await rollUpManifests(lake, changed, options.signal)
  return report
}

/** A run on its way. */
interface Run {
  readonly lake: Lake
  readonly request: RunRequest
  readonly options: RunOptions
  readonly threads: SilverThreads
  /** By the id of the dataset. */
  readonly reports: Map<string, DatasetReport>
  readonly failures: RunFailure[]
}

/** What fails in one dataset is told, and stops no other. */
async function attempt({ failures }: Run, dataset: DatasetId, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!LakeError.is(error)) throw error
    failures.push({ id: formatDatasetId(dataset), error })
  }
}

async function complete(run: Run, brought: BroughtIn, healed?: HealedDataset): Promise<void> {
  const { lake, request, options, reports, failures } = run
  const gold = request.gold ?? DEFAULT_GOLD
  const outcome = await completeDataset(brought, { lake, gold, healed, ...options })
  reports.set(outcome.report.id, outcome.report)
  failures.push(...outcome.failures)
}

/** Silver of all datasets is there: what they all lack is a halt, and nobody is asked for it. */
async function healAndComplete(run: Run, holed: readonly BroughtIn[]): Promise<HealedDataset[]> {
  const { lake, request, options, threads, failures } = run
  await using healer = openPassingHealer({ lake, threads, budget: request.healBudget, ...options })
  const all: HealedDataset[] = []
  for (const brought of holed) {
    const { dataset, range } = brought.plan
    await attempt(run, dataset, async () => {
      const { healed, failure } = await healer.heal(dataset, range)
      if (healed !== undefined) all.push(healed)
      if (failure !== undefined) failures.push(failure)
      await complete(run, brought, healed)
    })
  }
  return all
}

/** Whether rows are missing that its venue could be asked for. */
function mayBeHealed({ plan, built }: BroughtIn): boolean {
  if (!isServed(plan.adapter, plan.dataset)) return false
  const files = built.flatMap(({ manifest }) => manifest?.files ?? [])
  return (missingRows(plan, files) ?? []).length > 0
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
