import {
  type DatasetId,
  type ExactColumns,
  type Gap,
  integerValues,
  isTableOf,
  type LakeTable,
  type DataType,
  roundDecimals,
  silverSeries,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import type { PartitionQuality, RowConflict } from '@lake/ledger'
import { type MergePolicy, type MergeReport, mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import type { Contract } from '@lake/quality'
import type { Table } from 'apache-arrow'
import { type CheckedInput, checkSilver } from './check-silver.ts'
import { addCounts, mergeCounts } from './counts.ts'
import type { FileFindings } from './file-findings.ts'
import { type GoldAhead, makeGoldAhead } from './gold-ahead.ts'
import type { GoldBarsFrame } from './gold-bars-frame.ts'
import { withIdentity } from './identity-columns.ts'
import { EXACT } from './lake-decimals.ts'
import type { LakeDecimals } from './decimal-kinds.ts'
import { findSilverGaps } from './silver-gaps.ts'
import type { SilverRows } from './silver-rows.ts'

/** So many rows that inputs disagree on are kept of each partition: every manifest is read often. */
const CONFLICTS = 3

/** What a partition is made of besides its rows. */
export interface SilverFrame {
  readonly dataset: DatasetId
  readonly omitsEmptyBars: boolean
  /** Who is believed where inputs differ. A function does not cross into a thread. */
  readonly policy: MergePolicy
  /** How numbers are stored. */
  readonly decimals: LakeDecimals
  /** Ids do not count up by one. */
  readonly sparseIds: boolean
  /** The period of the partition. */
  readonly period: TimeRange
  /** What the inputs claim to cover of it. */
  readonly span: TimeRange
  /** What its rows must be. */
  readonly contract: Contract
  /** Goes into the Parquet file. */
  readonly metadata: Readonly<Record<string, string>>
  /** Gold that is made of it alone, to be made ahead; none when absent. */
  readonly gold?: readonly GoldBarsFrame[] | undefined
}

/** A partition that was computed and not yet committed. */
export interface SilverFile {
  /** The Parquet file; empty when it must not be published. */
  readonly bytes: Uint8Array
  readonly rows: number
  /** Time of the first and last row; the start of the period when there is none. */
  readonly first: number
  readonly last: number
  readonly gaps?: readonly Gap[] | undefined
  readonly counts: Readonly<Record<string, number>>
  /** The first rows of which inputs said different things. */
  readonly conflicts: readonly RowConflict[]
  /** One for each archive file. */
  readonly findings: readonly FileFindings[]
  readonly quality: PartitionQuality
  /** Why it must not be published; absent when it may be. */
  readonly reason?: string | undefined
  readonly gold?: readonly GoldAhead[] | undefined
}

/** Merges the rows of a partition, looks for what is missing and what is wrong, and writes the Parquet file. */
export function encodeSilver(frame: SilverFrame, inputs: readonly SilverRows[], signal?: AbortSignal): SilverFile {
  const { dataset, policy } = frame
  const { dataType, interval } = dataset
  const { table, report } = mergeTables({ dataType, inputs, policy, interval, signal })
  return silverFile(frame, inputs, { table, stored: table, report, floats: () => inputs, signal })
}

/** The same for rows of exact decimals: these are stored, and what is derived from them is derived from float64. */
export function encodeExact(frame: SilverFrame, inputs: readonly ExactRows[], signal?: AbortSignal): SilverFile {
  const { dataset, policy } = frame
  const { dataType, interval } = dataset
  const schema = tableSchema(dataType, EXACT)
  const { table: stored, report } = mergeTables({ dataType, schema, inputs, policy, interval, signal })
  const rounded = (rows: ExactRows['table']): LakeTable<DataType> => roundDecimals(rows, tableSchema(dataType))
  const floats = (): CheckedInput[] => inputs.map((input) => ({ ...input, table: rounded(input.table) }))
  return silverFile(frame, inputs, { table: rounded(stored), stored, report, floats, signal })
}

/** Rows of exact decimals. */
export type ExactRows = SilverRows<ExactColumns[DataType]>

interface MergedRows {
  readonly table: LakeTable<DataType>
  /** As they are written: the same rows. */
  readonly stored: Table
  readonly report: MergeReport
  /** The rows of each file, with numbers as float64. */
  readonly floats: () => readonly CheckedInput[]
  readonly signal: AbortSignal | undefined
}

function silverFile(
  frame: SilverFrame,
  inputs: readonly Pick<SilverRows, 'findings' | 'counts'>[],
  { table, stored, report, floats, signal }: MergedRows,
): SilverFile {
  const { dataset, contract, period, span, metadata, omitsEmptyBars } = frame
  const { gaps, missingIds, noTrades } = findSilverGaps(frame, dataset, table, span)
  const missing = (gaps ?? []).reduce((sum, { expected }) => sum + expected, missingIds)
  const { duplicates } = report
  const { quality, reason } = checkSilver({
    ...{ dataset, contract, period, span, table, inputs: floats, missing, duplicates, omitsEmptyBars, signal },
  })
  const times = integerValues(table, 'ts_event')
  return {
    bytes:
      reason === undefined ? writeParquet(withIdentity(stored, silverSeries(dataset)), { metadata }) : new Uint8Array(),
    rows: table.numRows,
    first: Number(times[0] ?? period.from),
    last: Number(times.at(-1) ?? period.from),
    gaps,
    findings: inputs.flatMap(({ findings }) => findings ?? []),
    counts: addCounts([
      ...inputs.map((input) => input.counts),
      mergeCounts(report),
      { missing_ids: missingIds },
      noTrades === undefined
        ? {}
        : { bars_without_trades: noTrades.bars, stretches_without_trades: noTrades.stretches },
    ]),
    conflicts: report.firstConflicts.slice(0, CONFLICTS),
    quality,
    ...(reason === undefined ? goldOf(frame, table) : { reason }),
  }
}

function goldOf(
  { dataset: { interval: from }, span, gold: frames = [] }: SilverFrame,
  table: LakeTable<DataType>,
): Pick<SilverFile, 'gold'> {
  if (frames.length === 0 || from === undefined || !isTableOf(table, 'klines')) return {}
  return { gold: makeGoldAhead(table, { from, span, frames }) }
}
