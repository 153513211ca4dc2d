import { formatDatasetId, formatInstant, silverTable } from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import type { ManifestFile } from '@lake/ledger'
import type { BuiltGold } from './build-gold.ts'
import type { BuiltMonth } from './build-silver-month.ts'
import { addCounts, QUARANTINED_ROWS } from './counts.ts'
import type { FileChange } from './format-sentinel.ts'
import type { HealedDataset } from './heal-dataset.ts'
import type { DatasetScope } from './dataset-scope.ts'
import { shortenRestated } from './restated-partition.ts'
import type { PassedOverFile } from './passed-over.ts'
import type { DatasetReport } from './run-report.ts'
import { toldChanges } from './told-changes.ts'
import { missingRows } from './missing-rows.ts'
import { blockedIn } from './blocked-in.ts'

/** A report shows so many rows that sources disagree on. */
const CONFLICTS = 10

export interface DatasetReportParts {
  readonly scope: DatasetScope
  readonly transferred: readonly TransferredFile[]
  readonly built: readonly BuiltMonth[]
  readonly gold: BuiltGold
  /** What healing did, when the run was asked to. */
  readonly healed?: HealedDataset | undefined
  readonly changes: readonly FileChange[]
  readonly passedOver: readonly PassedOverFile[]
}

/** What a run did to a dataset, told from the manifests: no row is read again. */
export function reportDataset({
  scope,
  transferred,
  built,
  gold,
  healed,
  changes,
  passedOver,
}: DatasetReportParts): DatasetReport {
  const { dataset } = scope
  const files = built.flatMap(({ manifest }) => manifest?.files ?? [])
  const withRows = files.filter((file) => file.rows > 0)
  const gaps = missingRows(scope, files)
  const counts = addCounts(files.map((file) => file.counts))
  const moved = transferred.filter((file) => !file.skipped)
  return {
    id: formatDatasetId(dataset),
    table: silverTable(dataset.dataType),
    rows: sum(files, (file) => file.rows),
    partitions: sum(built, (month) => month.written) + gold.written,
    skipped: sum(built, (month) => month.skipped) + gold.skipped,
    files: transferred.length,
    filesTransferred: moved.length,
    bytes: sum(moved, (file) => file.size),
    filesUnverified: transferred.filter((file) => !file.verified).length,
    gaps: gaps?.length ?? null,
    rowsMissing: gaps === undefined ? null : sum(gaps, (gap) => gap.expected),
    gapsFilled: healed?.gapsFilled ?? 0,
    filled: healed?.filled ?? [],
    first: withRows[0] === undefined ? null : formatInstant(Math.min(...withRows.map((file) => file.first))),
    last: withRows[0] === undefined ? null : formatInstant(Math.max(...withRows.map((file) => file.last))),
    gold: gold.rows,
    quarantined: counts[QUARANTINED_ROWS] ?? 0,
    formatChanges: toldChanges(changes),
    counts,
    restated: shortenRestated([...built.flatMap((month) => month.restated), ...gold.restated]),
    conflicts: files
      .flatMap(({ label, conflicts = [] }) => conflicts.map((conflict) => ({ label, ...conflict })))
      .slice(0, CONFLICTS),
    score: lowestScore(files),
    warnings: addCounts(files.map(({ quality }) => warningsOf(quality))),
    passedOver,
    blocked: blockedIn(built),
    newlyBlocked: sum(built, (month) => month.blocked),
  }
}

function lowestScore(files: readonly ManifestFile[]): number | null {
  const scores = files.flatMap(({ quality }) => (quality === undefined ? [] : [quality.score]))
  return scores.length === 0 ? null : Math.min(...scores)
}

function warningsOf(quality: ManifestFile['quality']): Record<string, number> {
  const rows = (quality?.findings ?? []).map(({ name, rows }) => [name, rows] as const)
  const days = (quality?.defects ?? []).map(({ day, defect }) => [`${defect} day ${day}`, 1] as const)
  return Object.fromEntries([...rows, ...days])
}

function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0)
}
