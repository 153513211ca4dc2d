import {
  type DatasetId,
  DAY_MICROS,
  dayOf,
  formatDatasetId,
  formatInstant,
  gridOf,
  type Interval,
  nextIntervalStart,
  parsePeriod,
  periodsIn,
  type TimeRange,
} from '@lake/core'
import type { Manifest, ManifestFile, ManifestReader } from '@lake/ledger'
import { type DayCompleteness, type ExplainedGap, measureCompleteness } from '@lake/quality'
import { keptCrossChecks } from './cross-check-lake.ts'
import type { CrossCheckReport } from './cross-check-report.ts'
import type { Lake } from './define-lake.ts'
import { explainDataset } from './explain-dataset.ts'
import { barsWithoutTrades } from './no-trades.ts'
import type { BlockedReport } from './blocked-report.ts'
import { failedReport, type FailedReport } from './failed-report.ts'
import { heldRange, silverManifests } from './silver-files.ts'
import { refusedPeriods, standingFailures } from './standing-failures.ts'
import type { VenueMemory } from './venue-memory.ts'

/** What a lake has of a dataset on one UTC day. */
export interface QualityDay {
  /** `YYYY-MM-DD` */
  readonly day: string
  /** `null` where the partition was committed without checks and its rows are on no grid. */
  readonly rows: number | null
  /** How many rows the day should have, those of halts and of time outside of the listing among them; `null` where nobody can tell. */
  readonly expected: number | null
  /** Missing rows by their cause; without those of causes that are not there. */
  readonly missing: DayCompleteness['missing']
  /** Of the rows that could exist, how many are there: 0 to 1; `null` where nobody can tell. */
  readonly completeness: number | null
  /** Stretches of missing rows that touch the day. */
  readonly gaps: number
  /** Bars without trades, which the venue leaves out: not missing; absent for venues that leave out none. */
  readonly noTrades?: number | undefined
  /** Of the partition that the day lies in, 0 to 100; `null` where there is none, or none that was checked. */
  readonly score: number | null
  /** What is odd: the checks of the partition whose first example lies in the day, and what the day is as a whole. */
  readonly findings: readonly string[]
  /** Why the newest state of the partition is not published; `null` when it is. */
  readonly blocked: string | null
}

/** What a lake has of a dataset, day by day. */
export interface DatasetQuality {
  readonly id: string
  readonly dataset: DatasetId
  /** From the first to the last day of which something is known. */
  readonly days: readonly QualityDay[]
  /** When the newest row ends, epoch microseconds UTC, and how long ago that is; absent without rows. */
  readonly reaches?: number | undefined
  readonly age?: number | undefined
  /** Stretches of missing rows, as `listGaps` tells them; `null` where rows have no grid. */
  readonly gaps: number | null
  readonly blocked: readonly BlockedReport[]
  /** What the last runs could not bring in, in order of time. */
  readonly failed: readonly FailedReport[]
}

export interface MeasureDatasetOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  readonly reader: ManifestReader
  readonly memory?: VenueMemory | undefined
  readonly range?: TimeRange | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a lake has of a dataset, told by manifests and inventories: no row is read. */
export async function measureDataset(options: MeasureDatasetOptions): Promise<DatasetQuality> {
  const { lake, dataset, reader, memory, signal } = options
  const manifests = await silverManifests(reader, dataset)
  const files = manifests.flatMap((manifest) => manifest.files)
  const id = formatDatasetId(dataset)
  const blocked = blockedOf(manifests)
  const failures = await standingFailures(lake, dataset, files)
  const held = options.range ?? heldRange(files, refusedPeriods(failures))
  const failed = failures.map(failedReport)
  const reaches = endOfRows(gridOf(dataset), files)
  const fresh = reaches === undefined ? {} : { reaches, age: lake.now() - reaches }
  if (held === undefined)
    return { id, dataset, days: blockedDays(blocked), ...fresh, gaps: 0, blocked: [...blocked.values()], failed }
  const range = { from: held.from - (held.from % DAY_MICROS), to: Math.ceil(held.to / DAY_MICROS) * DAY_MICROS }
  const { gaps } = await explainDataset({ lake, dataset, range: held, reader, memory, signal })
  const crossChecks = await keptCrossChecks(lake, reader, dataset, signal)
  const { omitsEmptyBars = false } = lake.exchange(dataset.exchange)
  const days = daysOf({ dataset, files, range, held, gaps, blocked, crossChecks, omitsEmptyBars, now: lake.now() })
  return { id, dataset, days, ...fresh, gaps: gaps?.length ?? null, blocked: [...blocked.values()], failed }
}

interface DaysOptions {
  readonly dataset: DatasetId
  readonly files: readonly ManifestFile[]
  /** Whole days. */
  readonly range: TimeRange
  readonly held: TimeRange
  readonly gaps: readonly ExplainedGap[] | undefined
  readonly blocked: ReadonlyMap<string, BlockedReport>
  readonly crossChecks: readonly CrossCheckReport[]
  readonly omitsEmptyBars: boolean
  readonly now: number
}

function daysOf({
  dataset,
  files,
  range,
  held,
  gaps,
  blocked,
  crossChecks,
  omitsEmptyBars,
  now,
}: DaysOptions): QualityDay[] {
  const interval = gridOf(dataset)
  const counted = countedRows(files)
  const grid =
    interval === undefined || gaps === undefined
      ? undefined
      : measureCompleteness({ interval, range: held, gaps, now }).days
  const partitions = new Map(files.map((file) => [file.label, file]))
  const findings = findingsByDay(files, crossChecks)
  const quiet = interval !== undefined && omitsEmptyBars ? barsWithoutTrades(interval, files) : undefined
  let next = 0
  return periodsIn('day', range).map(({ label: day, from, to }, index) => {
    const file = partitions.get(day) ?? partitions.get(day.slice(0, 7))
    while ((gaps?.[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next++
    const ofDay: ExplainedGap[] = []
    for (let at = next; (gaps?.[at]?.from ?? to) < to; at++) ofDay.push(...(gaps?.slice(at, at + 1) ?? []))
    const onGrid = grid?.[index]
    const rows = counted.get(from) ?? onGrid?.present ?? (file === undefined ? 0 : null)
    return {
      day,
      rows,
      ...(onGrid === undefined ? eventDay(rows, ofDay, gaps !== undefined) : gridDay(onGrid)),
      gaps: ofDay.length,
      ...(quiet === undefined ? {} : { noTrades: quiet.get(day) ?? 0 }),
      score: file?.quality?.score ?? null,
      findings: findings.get(day) ?? [],
      blocked: (blocked.get(day) ?? blocked.get(day.slice(0, 7)))?.reason ?? null,
    }
  })
}

function gridDay({
  expected,
  missing,
  completeness,
}: DayCompleteness): Pick<QualityDay, 'expected' | 'missing' | 'completeness'> {
  return { expected, missing, completeness }
}

/** Events on no grid: what is missing is known by their gaps, where they have any. */
function eventDay(
  rows: number | null,
  gaps: readonly ExplainedGap[],
  isKnown: boolean,
): Pick<QualityDay, 'expected' | 'missing' | 'completeness'> {
  if (!isKnown || rows === null) return { expected: null, missing: {}, completeness: null }
  const missing: Record<string, number> = {}
  // An event stretch is told by its beginning: where in it the events would have been, nobody knows.
  for (const { cause, expected } of gaps) missing[cause] = (missing[cause] ?? 0) + expected
  const expected = Object.values(missing).reduce((sum, count) => sum + count, rows)
  return { expected, missing, completeness: expected === 0 ? 1 : rows / expected }
}

/** Rows by the beginning of the day, of the partitions that were counted when they were checked. */
function countedRows(files: readonly ManifestFile[]): Map<number, number> {
  const rows = new Map<number, number>()
  for (const { label, span, quality } of files) {
    if (quality === undefined) continue
    const { from: first } = parsePeriod(label)
    for (const [index, count] of quality.days.entries()) {
      const from = first + index * DAY_MICROS
      if (from < span.to && from + DAY_MICROS > span.from) rows.set(from, count)
    }
  }
  return rows
}

function findingsByDay(
  files: readonly ManifestFile[],
  crossChecks: readonly CrossCheckReport[],
): Map<string, string[]> {
  const byDay = new Map<string, string[]>()
  const add = (day: string, text: string): void => {
    byDay.set(day, [...(byDay.get(day) ?? []), text])
  }
  for (const { quality } of files) {
    for (const { name, rows, first } of quality?.findings ?? []) add(dayOf(first.time), `${name}: ${rows}`)
    for (const { day, defect } of quality?.defects ?? []) add(day, defect)
  }
  for (const { name, flagged, first } of crossChecks) {
    for (const { time } of first.slice(0, 1)) add(dayOf(time), `${name}: ${flagged}`)
  }
  return byDay
}

function blockedOf(manifests: readonly Manifest[]): Map<string, BlockedReport> {
  const blocked = manifests.flatMap((manifest) => manifest.blocked ?? [])
  return new Map(
    blocked.map(({ label, reason, blockedAt }) => [label, { label, reason, since: formatInstant(blockedAt) }]),
  )
}

/** Of a dataset without any partition, the days that are blocked. */
function blockedDays(blocked: ReadonlyMap<string, BlockedReport>): QualityDay[] {
  return [...blocked.values()].map(({ label, reason }) => ({
    ...{ day: label.length === 7 ? `${label}-01` : label, rows: 0, expected: null, missing: {}, completeness: null },
    ...{ gaps: 0, score: null, findings: [], blocked: reason },
  }))
}

/** Where the newest row ends: a bar with its interval, an event where it happened. */
function endOfRows(interval: Interval | undefined, files: readonly ManifestFile[]): number | undefined {
  const filled = files.filter(({ rows }) => rows > 0)
  if (filled.length === 0) return undefined
  const last = filled.reduce((most, file) => Math.max(most, file.last), Number.NEGATIVE_INFINITY)
  return interval === undefined ? last : nextIntervalStart(interval, last)
}
