import {
  type DatasetId,
  type Gap,
  integerValues,
  type LakeTable,
  type DataType,
  microsOf,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import { type MergePolicy, mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { addCounts, mergeCounts } from './counts.ts'
import type { FileFindings } from './file-findings.ts'
import { withIdentity } from './identity-columns.ts'
import { findSilverGaps } from './silver-gaps.ts'

/** The rows that one bronze file has for a partition. */
export interface SilverRows {
  readonly table: LakeTable<DataType>
  /** The file's key in bronze. */
  readonly name: string
  readonly source: 'archive' | 'rest' | 'ws'
  /** When the rows came, where that may decide between two versions of one. */
  readonly receivedAt?: number | undefined
  /** Values with more digits than float64 holds, rows that the file has twice: those with counts above 0. */
  readonly counts: Readonly<Record<string, number>>
  /** Of archive files. */
  readonly findings?: FileFindings | undefined
}

/** What a partition is made of besides its rows. */
export interface SilverFrame {
  readonly dataset: DatasetId
  readonly omitsEmptyBars: boolean
  /** Who is believed where inputs differ. A function does not cross into a thread. */
  readonly policy: MergePolicy
  /** Ids do not count up by one. */
  readonly sparseIds: boolean
  /** The period of the partition. */
  readonly period: TimeRange
  /** What the inputs claim to cover of it. */
  readonly span: TimeRange
  /** Goes into the Parquet file. */
  readonly metadata: Readonly<Record<string, string>>
}

/** A partition that was computed and not yet committed. */
export interface SilverFile {
  /** The Parquet file. */
  readonly bytes: Uint8Array
  readonly rows: number
  /** Time of the first and last row; the start of the period when there is none. */
  readonly first: number
  readonly last: number
  readonly gaps?: readonly Gap[] | undefined
  readonly counts: Readonly<Record<string, number>>
  /** One for each archive file. */
  readonly findings: readonly FileFindings[]
}

/** Merges the rows of a partition, looks for what is missing, and writes the Parquet file. */
export function encodeSilver(frame: SilverFrame, inputs: readonly SilverRows[], signal?: AbortSignal): SilverFile {
  const { dataset, policy, period, span, metadata } = frame
  const { dataType, interval } = dataset
  const { table, report } = mergeTables({ dataType, inputs, policy, interval, signal })
  const { gaps, missingIds } = findSilverGaps(frame, dataset, table, span)
  const times = microsOf(integerValues(table, 'ts_event'))
  return {
    bytes: writeParquet(withIdentity(table, silverSeries(dataset)), { metadata }),
    rows: table.numRows,
    first: times[0] ?? period.from,
    last: times.at(-1) ?? period.from,
    gaps,
    findings: inputs.flatMap(({ findings }) => findings ?? []),
    counts: addCounts([...inputs.map((input) => input.counts), mergeCounts(report), { missing_ids: missingIds }]),
  }
}
