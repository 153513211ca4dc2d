import {
  type ColumnMemory,
  type DatasetId,
  type Period,
  type RawPage,
  type SourceFormat,
  tableSchema,
} from '@lake/core'
import {
  type PageSeries,
  type PagesReport,
  parseArchiveFile,
  parsePageTables,
  type ParseReport,
  type SharedFile,
} from '@lake/parse'
import { Table } from 'apache-arrow'
import { QUARANTINED_ROWS, WITHDRAWN_ROWS } from './counts.ts'
import { findingsOf } from './file-findings.ts'
import { encodeExact, encodeSilver, type ExactRows, type SilverFile, type SilverFrame } from './encode-silver.ts'
import { namingInput } from './refused-input.ts'
import type { SilverRows } from './silver-rows.ts'
import { EXACT } from './lake-decimals.ts'

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
  /** Where it holds the rows of other instruments too. */
  readonly shared?: SharedFile | undefined
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
 * @param memory for the columns, of one task at a time: what comes back is made of other memory
 * @throws {@link LakeError} what parsing throws.
 */
export async function runSilverTask(
  task: SilverTask,
  signal?: AbortSignal,
  memory?: ColumnMemory,
): Promise<SilverFile> {
  if (task.decimals === 'exact') return encodeExact(task, await parseExactInputs(task, signal), signal)
  try {
    return encodeSilver(task, await parseInputs(task, signal, memory), signal)
  } finally {
    memory?.reuse()
  }
}

/** The rows of bronze files, in their order, with numbers as float64. */
export async function parseInputs(
  task: SilverReading,
  signal?: AbortSignal,
  memory?: ColumnMemory,
): Promise<readonly SilverRows[]> {
  const rows: SilverRows[] = []
  for (const input of task.inputs) {
    signal?.throwIfAborted()
    rows.push(
      input.source === 'archive' ? await parseArchive(task, input, signal, memory) : await parsePage(task, input),
    )
  }
  return rows
}

/** The same with exact decimals. */
export async function parseExactInputs(task: SilverReading, signal?: AbortSignal): Promise<readonly ExactRows[]> {
  const { dataset, formats, series } = task
  const rows: ExactRows[] = []
  for (const input of task.inputs) {
    signal?.throwIfAborted()
    if (input.source === 'archive') {
      const { quarantineLimit: limit, ...file } = input
      const options = { ...file, dataset, formats, quarantine: { limit }, signal, ...EXACT }
      const { table, report } = await namingInput(input.key, async () => parseArchiveFile(options))
      rows.push({ table, ...archiveRows(input, report) })
    } else {
      const { tables, report } = await parsePageTables({ pages: [input.page], dataset, series, ...EXACT })
      const table = tables[0]?.table ?? new Table(tableSchema(dataset.dataType, EXACT))
      rows.push({ table, ...pageRows(input, report) })
    }
  }
  return rows
}

async function parseArchive(
  { dataset, formats }: SilverReading,
  { key, quarantineLimit: limit, ...file }: ArchiveInput,
  signal: AbortSignal | undefined,
  memory: ColumnMemory | undefined,
): Promise<SilverRows> {
  const options = { ...file, dataset, formats, quarantine: { limit }, signal, memory }
  const { table, report } = await namingInput(key, async () => parseArchiveFile(options))
  return { table, ...archiveRows({ key, sha256: file.sha256 }, report) }
}

function archiveRows(file: Pick<ArchiveInput, 'key' | 'sha256'>, report: ParseReport): Omit<SilverRows, 'table'> {
  return { name: file.key, source: 'archive', counts: fileCounts(report), findings: findingsOf(file, report) }
}

async function parsePage({ dataset, series }: SilverReading, input: PageInput): Promise<SilverRows> {
  const { tables, report } = await parsePageTables({ pages: [input.page], dataset, series })
  const table = tables[0]?.table ?? new Table(tableSchema(dataset.dataType))
  return { table, ...pageRows(input, report) }
}

function pageRows({ key, source, page }: PageInput, report: PagesReport): Omit<SilverRows, 'table'> {
  return { name: key, source, receivedAt: page.envelope.receivedAt, counts: inexactCounts(report) }
}

/** What a file has that is worth counting in a manifest: lines that are no rows, values that float64 does not hold. */
export function fileCounts(report: ParseReport): Record<string, number> {
  const { quarantined, withdrawn } = report
  return {
    ...inexactCounts(report),
    ...(quarantined.length === 0 ? {} : { [QUARANTINED_ROWS]: quarantined.length }),
    ...(withdrawn === undefined ? {} : { [WITHDRAWN_ROWS]: withdrawn }),
  }
}

function inexactCounts({ inexact }: Pick<ParseReport, 'inexact'>): Record<string, number> {
  return Object.fromEntries(Object.entries(inexact).map(([column, count]) => [`inexact_${column}`, count]))
}
