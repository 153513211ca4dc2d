import { formatDatasetId, LakeError } from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import { buildGold } from './build-gold.ts'
import { buildSilverMonth, type BuiltMonth } from './build-silver-month.ts'
import { reportDataset } from './dataset-report.ts'
import type { Lake } from './define-lake.ts'
import { discardUnused } from './discard-unused.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'
import type { RunOptions } from './run-pipeline.ts'
import type { DatasetReport, RunFailure, RunProgress } from './run-report.ts'
import { DEFAULT_GOLD, type RunRequest } from './run-request.ts'
import { settleRebuilds } from './rebuild-marks.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { type MonthArrival, transferMonth } from './transfer-month.ts'

/** What a run did to one dataset, and the months that it could not bring in. */
export interface DatasetOutcome {
  readonly report: DatasetReport
  readonly failures: readonly RunFailure[]
}

/**
 * Runs the plan of one dataset, month by month: while one month is parsed and written, the files of the next are on
 * their way. A month that fails is reported and leaves its partitions as they were; the others go on. Gold follows
 * when all of silver is there, since a bar may reach into the next month.
 */
export async function runDataset(
  lake: Lake,
  plan: DatasetPlan,
  { gold: goldIntervals = DEFAULT_GOLD }: Pick<RunRequest, 'gold'>,
  { signal, onProgress }: RunOptions,
): Promise<DatasetOutcome> {
  const { dataset, months } = plan
  const id = formatDatasetId(dataset)
  const tell = (progress: Omit<RunProgress, 'id'>): void => onProgress?.({ id, ...progress })
  tell({ stage: 'plan', label: `${fileCount(plan)} to look at`, done: 1, total: 1 })
  const inventory = new Map((await lake.ledger.inventory(dataset)).map((file) => [file.sourceKey, file]))
  let arrivedFiles = 0
  const onFile = (label: string): void => {
    tell({ stage: 'bronze', label, done: ++arrivedFiles, total: fileCount(plan) })
  }
  const fetch = async (month: MonthPlan | undefined): Promise<MonthArrival> =>
    month === undefined ? { landed: [] } : transferMonth({ lake, plan, month, inventory, onFile, signal })

  const built: BuiltMonth[] = []
  const transferred: TransferredFile[] = []
  const failures: RunFailure[] = []
  let arriving = fetch(months[0])
  try {
    for (const [index, month] of months.entries()) {
      const arrival = await arriving
      arriving = fetch(months[index + 1])
      try {
        built.push(await bringInMonth(lake, plan, month, arrival, signal))
        transferred.push(...arrival.landed)
        tell({ stage: 'silver', label: month.month, done: index + 1, total: months.length })
      } catch (error) {
        if (!LakeError.is(error)) throw error
        await discardUnused(lake, dataset, month.month, arrival.landed, error)
        failures.push({ id, month: month.month, error })
      }
    }
  } finally {
    // What is still on its way settles before anybody goes on; it never rejects.
    await arriving
  }
  const gold = await buildGold({ lake, plan, built, intervals: goldIntervals, signal, tell })
  await settleRebuilds(lake, dataset, new Map(transferred.map((file) => [file.sourceKey, file.sha256])), signal)
  return { report: reportDataset({ plan, transferred, built, gold }), failures: [...failures, ...gold.failures] }
}

async function bringInMonth(
  lake: Lake,
  { adapter, dataset }: DatasetPlan,
  { month, files }: MonthPlan,
  { landed, error }: MonthArrival,
  signal: AbortSignal | undefined,
): Promise<BuiltMonth> {
  if (error !== undefined) throw error
  const planned = new Map(files.map((file) => [file.key, file]))
  const held = landed.flatMap(({ key, sourceKey, sha256 }) => {
    const period = planned.get(sourceKey)?.period
    return period === undefined ? [] : [{ key, sha256, period }]
  })
  const built = await retryConflicts(() => buildSilverMonth({ lake, adapter, dataset, month, files: held, signal }))
  // Only what a partition was made of counts as held.
  const inventory = landed.map(({ sourceKey, key, size, sha256, etag, verified }) => {
    const sourceEtag = planned.get(sourceKey)?.etag ?? ''
    return { sourceKey, key, size, sha256, etag, verified, ...(sourceEtag === '' ? {} : { sourceEtag }) }
  })
  await lake.ledger.recordInventory(dataset, inventory)
  return built
}

function fileCount(plan: DatasetPlan): number {
  return plan.months.reduce((sum, month) => sum + month.files.length, 0)
}
