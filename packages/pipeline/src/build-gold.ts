import {
  type DatasetId,
  type DataType,
  formatDatasetId,
  type Interval,
  intervalStart,
  LakeError,
  monthOf,
  nestsIn,
  parsePeriod,
  type Period,
} from '@lake/core'
import { buildGoldBars } from './build-gold-bars.ts'
import { buildGoldFunding } from './build-gold-funding.ts'
import type { BuiltMonth } from './build-silver-month.ts'
import type { GoldOutcome } from './commit-gold.ts'
import type { DatasetScope } from './dataset-scope.ts'
import type { Lake } from './define-lake.ts'
import { inOrder } from './in-order.ts'
import { indexManifests, type ManifestIndex } from './manifest-index.ts'
import { openSilverReaders } from './silver-readers.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { RunFailure } from './run-failure.ts'
import type { RunProgress } from './run-report.ts'
import type { GoldTask } from './gold-task.ts'

export interface BuildGoldOptions {
  readonly lake: Lake
  readonly scope: DatasetScope
  /** The silver months that the run brought in. */
  readonly built: readonly BuiltMonth[]
  readonly intervals: readonly Interval[]
  readonly signal?: AbortSignal | undefined
  readonly tell: (progress: Omit<RunProgress, 'id'>) => void
}

/** What became of the gold partitions of a dataset. */
export interface BuiltGold {
  readonly written: number
  readonly skipped: number
  /** Rows by interval. */
  readonly rows: Readonly<Record<string, number>>
  /** The partitions in which bars are no more what they were. */
  readonly restated: readonly RestatedPartition[]
  readonly failures: readonly RunFailure[]
}

/** While one partition is computed, the disk or the server takes in those before it. */
const COMPUTED_AT_ONCE = 3
/** What was made ahead only has to be taken in. */
const AHEAD_AT_ONCE = 8

interface GoldMonth {
  readonly interval: Interval
  readonly month: Period
}

interface GoldResult extends GoldMonth {
  readonly outcome?: GoldOutcome | undefined
  readonly error?: LakeError
}

/** Brings the gold that derives from silver months up to date. A partition that fails stays as it was. */
export async function buildGold(options: BuildGoldOptions): Promise<BuiltGold> {
  const { lake, scope, built, intervals, signal, tell } = options
  const build = goldBuilder(scope)
  const tasks =
    build === undefined ? [] : intervals.flatMap((interval) => goldMonths(interval, built, scope)).sort(byMonth)
  const openIndex = (): Promise<ManifestIndex> => indexManifests(lake, scope.dataset, sourceTypes(scope.dataset))
  let index = await openIndex()
  const read = openSilverReaders(lake)
  const ahead = madeAhead(built)
  const rows: Record<string, number> = {}
  const restated: RestatedPartition[] = []
  const failures: RunFailure[] = []
  let written = 0
  let skipped = 0
  const bringUp = async ({ interval, month }: GoldMonth): Promise<GoldResult> => {
    signal?.throwIfAborted()
    try {
      const outcome = await retryConflicts(
        async () => build?.({ lake, scope, index, read, ahead, interval, month, signal }),
        async () => {
          index = await openIndex()
        },
      )
      return { interval, month, outcome }
    } catch (error) {
      if (!LakeError.is(error)) throw error
      return { interval, month, error }
    }
  }
  const isAhead = built.some(({ ahead }) => ahead !== undefined && ahead.size > 0)
  const concurrency = isAhead ? AHEAD_AT_ONCE : COMPUTED_AT_ONCE
  let done = 0
  for await (const { interval, month, outcome, error } of inOrder(tasks, concurrency, bringUp)) {
    if (error !== undefined) failures.push({ id: formatDatasetId(scope.dataset), month: month.label, error })
    if (outcome !== undefined && outcome.rows > 0) {
      rows[interval] = (rows[interval] ?? 0) + outcome.rows
      if (outcome.written) written++
      else skipped++
      if (outcome.restated !== undefined) restated.push(outcome.restated)
    }
    tell({ stage: 'gold', label: `${interval} ${month.label}`, done: ++done, total: tasks.length })
  }
  return { written, skipped, rows, restated, failures }
}

/** Finds what was made of a silver file while its rows were in memory. */
function madeAhead(built: readonly BuiltMonth[]): GoldTask['ahead'] {
  const bySilver = new Map(built.flatMap(({ ahead }) => [...(ahead ?? [])]))
  return ({ sha256 }, interval) => bySilver.get(sha256)?.find((made) => made.interval === interval)?.file
}

/** Month by month, so that the intervals of one find its silver still read. */
function byMonth(a: GoldMonth, b: GoldMonth): number {
  return a.month.from - b.month.from
}

function goldBuilder({ dataset }: DatasetScope): ((task: GoldTask) => Promise<GoldOutcome>) | undefined {
  switch (dataset.dataType) {
    case 'klines':
    case 'trades':
    case 'aggTrades':
      return buildGoldBars
    case 'fundingRate':
      return buildGoldFunding
    default:
      return undefined
  }
}

/** The gold months that silver months reach: their own, and the one in which a bar began that ends in them. */
function goldMonths(interval: Interval, built: readonly BuiltMonth[], { dataset }: DatasetScope): GoldMonth[] {
  if (!isMadeOf(interval, dataset)) return []
  const labels = built.flatMap(({ manifest }) => {
    if (manifest === undefined) return []
    const { from } = parsePeriod(manifest.month)
    return [monthOf(intervalStart(interval, from)), manifest.month]
  })
  return [...new Set(labels)].sort().map((label) => ({ interval, month: parsePeriod(label) }))
}

/** Bars are made of finer ones, and any bar of trades; funding comes a few times a day, so from a day on. */
function isMadeOf(interval: Interval, dataset: DatasetId): boolean {
  if (dataset.interval !== undefined) return nestsIn(dataset.interval, interval)
  return dataset.dataType !== 'fundingRate' || nestsIn('1d', interval)
}

/** The silver tables that gold is made of. */
function sourceTypes({ dataType }: DatasetId): readonly DataType[] {
  return dataType === 'fundingRate' ? ['fundingRate'] : ['klines', 'trades', 'aggTrades']
}
