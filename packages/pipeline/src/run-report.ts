import type { BlockedReport } from './blocked-report.ts'
import type { LookedAcross } from './look-across.ts'
import type { ToldChange } from './told-changes.ts'
import type { PassedOverFile } from './passed-over.ts'
import type { RowConflict } from '@lake/ledger'
import type { ExplainedGap } from '@lake/quality'
import type { RestatedPartition } from './restated-partition.ts'
import type { RunFailure } from './run-failure.ts'
import type { UnaskedOfVenue } from './unasked-of-venues.ts'

/** What a run did to one dataset. */
export interface DatasetReport {
  readonly id: string
  /** The silver table that it fills. */
  readonly table: string
  /** Rows in the silver partitions of the months that the run looked at. */
  readonly rows: number
  /** Silver and gold partitions that were written. */
  readonly partitions: number
  /** Silver and gold partitions that were up to date already. */
  readonly skipped: number
  /** Source files that were looked at, and of these the ones whose bytes moved. */
  readonly files: number
  readonly filesTransferred: number
  /** Bytes that moved from the source. */
  readonly bytes: number
  /** Files without a published checksum: stored, but nothing to verify them against. */
  readonly filesUnverified: number
  /** Stretches of missing rows in the range of the run; `null` where rows have no grid to be missing from. */
  readonly gaps: number | null
  /** How many rows these stretches lack. */
  readonly rowsMissing: number | null
  /** Gaps that the run filled from the venue; 0 when it was not asked to. */
  readonly gapsFilled: number
  /** These gaps, with the causes that let the venue be asked. */
  readonly filled: readonly ExplainedGap[]
  /** Time of the first and last row, ISO 8601. */
  readonly first: string | null
  readonly last: string | null
  /** Gold rows by interval. */
  readonly gold: Readonly<Record<string, number>>
  /** Lines of the files that were put aside as bad; `listQuarantine` tells them. */
  readonly quarantined: number
  /** Changes of form in files that are new and were taken: of columns, units, order, the number of rows in a period. */
  readonly formatChanges: readonly ToldChange[]
  /** Rows that were there twice, rows that disagreed, values with more digits than float64 holds: when not zero. */
  readonly counts: Readonly<Record<string, number>>
  /** The first rows of which sources said different things, at most ten: whose value was kept, and whose was not. */
  readonly conflicts: readonly ReportedConflict[]
  /** The lowest score of its silver partitions, 0 to 100; `null` without any. */
  readonly score: number | null
  /** Rows that checks warn of, by the name of the check, and days that are wrong as a whole. */
  readonly warnings: Readonly<Record<string, number>>
  /** Files of days that were replaced at the source and not taken, since the file of their month stands. */
  readonly passedOver: readonly PassedOverFile[]
  /** Partitions whose newest state failed a check: what they were before stays. */
  readonly blocked: readonly BlockedReport[]
  /** How many of them this run found. */
  readonly newlyBlocked: number
  /** Silver and gold partitions in which rows are no more what they were, with the first of these rows. */
  readonly restated: readonly RestatedPartition[]
}

/** A row of which two sources said different things. */
export interface ReportedConflict extends RowConflict {
  /** The partition: `2024-01` or `2024-01-31`. */
  readonly label: string
}

/** What a run did. */
export interface RunReport extends LookedAcross {
  readonly datasets: readonly DatasetReport[]
  /** Gaps that venues may fill and were not asked for, and why; empty for a run that does not heal. */
  readonly unasked: readonly UnaskedOfVenue[]
  readonly failures: readonly RunFailure[]
  readonly seconds: number
}

/** Where a run is. */
export interface RunProgress {
  readonly id: string
  readonly stage: 'plan' | 'bronze' | 'silver' | 'heal' | 'gold'
  /** What was just finished: a file, a partition. */
  readonly label: string
  readonly done: number
  readonly total: number
}
