import { type DatasetId, type Period, type RawPage, type SourceFormat, tableSchema } from '@lake/core'
import { type PageSeries, parseArchiveFile, parsePageTables, type ParseReport } from '@lake/parse'
import { Table } from 'apache-arrow'
import { QUARANTINED_ROWS } from './counts.ts'
import { findingsOf } from './file-findings.ts'
import { encodeSilver, type SilverFile, type SilverFrame, type SilverRows } from './encode-silver.ts'

/** An archive file that lies within one partition. */
interface ArchiveInput {
  readonly source: 'archive'
  /** Its key in bronze. */
  readonly key: string
  /** As the venue named it. */
  readonly name: string
  readonly period: Period
  readonly sha256: string
  /** The largest share of its lines that may be put aside. */
  readonly quarantineLimit: number
  readonly bytes: Uint8Array
}

/** A REST page, or recorded frames, the range cut to the partition's. */
interface PageInput {
  readonly source: 'rest' | 'ws'
  readonly key: string
  readonly page: RawPage
}

export type SilverInput = ArchiveInput | PageInput

/** Bronze files of a dataset, and how they are read. */
export interface SilverReading {
  readonly dataset: DatasetId
  readonly formats: readonly SourceFormat[]
  /** What the pages of each series look like. */
  readonly series: readonly PageSeries[]
  readonly inputs: readonly SilverInput[]
}

/** All that a partition is computed from: plain data, so that a worker thread can do it. */
export type SilverTask = SilverFrame & SilverReading

/**
 * Computes a partition from the bytes of its bronze files: parse, merge, look for gaps, write Parquet.
 *
 * @throws {@link LakeError} what parsing throws.
 */
export async function runSilverTask(task: SilverTask, signal?: AbortSignal): Promise<SilverFile> {
  return encodeSilver(task, await parseInputs(task, signal), signal)
}

/** The rows of bronze files, in their order. */
export async function parseInputs(task: SilverReading, signal?: AbortSignal): Promise<readonly SilverRows[]> {
  const rows: SilverRows[] = []
  for (const input of task.inputs) {
    signal?.throwIfAborted()
    rows.push(input.source === 'archive' ? await parseArchive(task, input, signal) : await parsePage(task, input))
  }
  return rows
}

async function parseArchive(
  { dataset, formats }: SilverReading,
  { key, quarantineLimit: limit, ...file }: ArchiveInput,
  signal: AbortSignal | undefined,
): Promise<SilverRows> {
  const { table, report } = await parseArchiveFile({ ...file, dataset, formats, quarantine: { limit }, signal })
  const findings = findingsOf({ key, sha256: file.sha256 }, report)
  return { table, name: key, source: 'archive', counts: fileCounts(report), findings }
}

async function parsePage({ dataset, series }: SilverReading, { source, key, page }: PageInput): Promise<SilverRows> {
  const { tables, report } = await parsePageTables({ pages: [page], dataset, series })
  const table = tables[0]?.table ?? new Table(tableSchema(dataset.dataType))
  return { table, name: key, source, receivedAt: page.envelope.receivedAt, counts: inexactCounts(report) }
}

/** What a file has that is worth counting in a manifest: lines put aside, values that float64 does not hold. */
export function fileCounts(report: ParseReport): Record<string, number> {
  const { length } = report.quarantined
  return { ...inexactCounts(report), ...(length === 0 ? {} : { [QUARANTINED_ROWS]: length }) }
}

function inexactCounts({ inexact }: Pick<ParseReport, 'inexact'>): Record<string, number> {
  return Object.fromEntries(Object.entries(inexact).map(([column, count]) => [`inexact_${column}`, count]))
}
