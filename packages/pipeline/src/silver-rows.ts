import { type DataType, type DatasetId, type ExchangeAdapter, type LakeTable, readObject } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import { mergeTables } from '@lake/merge'
import { parseArchiveFile } from '@lake/parse'
import { addCounts, mergeCounts } from './counts.ts'
import type { Lake } from './define-lake.ts'
import type { HeldArchive, HeldFile } from './held-file.ts'
import { parseHeldPage } from './parse-held-page.ts'
import { rowsInRange } from './rows-in-range.ts'
import type { SilverPartition } from './silver-partition.ts'

export interface SilverRowsOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  readonly signal?: AbortSignal | undefined
}

/** The rows that one bronze file has for a partition. */
export interface SilverRows {
  readonly table: LakeTable<DataType>
  /** The file's key in bronze. */
  readonly name: string
  readonly source: 'archive' | 'rest'
  /** When the rows came, where that may decide between two versions of one. */
  readonly receivedAt?: number | undefined
  /** Values with more digits than float64 holds, rows that the file has twice: those with counts above 0. */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * A reader of bronze files as rows of partitions. A file that spans several partitions (a month of ticks, cut into
 * days) is parsed and sorted once and kept until the reader is dropped: such a month is held in memory, and its counts
 * are told by its first partition.
 */
export function openSilverRows(
  options: SilverRowsOptions,
): (partition: SilverPartition) => Promise<readonly SilverRows[]> {
  const spanning = new Map<string, Promise<SilverRows>>()
  const rowsOf = async (file: HeldFile, partition: SilverPartition): Promise<SilverRows> => {
    if (file.source === 'rest') return parseHeldPage(options, file, partition.period)
    if (file.period.kind === partition.period.kind) return parseHeldFile(options, file)
    const parsed = spanning.get(file.key) ?? parseHeldFile(options, file).then((rows) => sorted(options.dataset, rows))
    spanning.set(file.key, parsed)
    const rows = await parsed
    const isFirst = partition.period.from === file.period.from
    return { ...rows, table: rowsInRange(rows.table, partition.period), counts: isFirst ? rows.counts : {} }
  }
  return async (partition) => {
    const inputs: SilverRows[] = []
    for (const file of partition.files) {
      options.signal?.throwIfAborted()
      inputs.push(await rowsOf(file, partition))
    }
    return inputs
  }
}

async function parseHeldFile(options: SilverRowsOptions, file: HeldArchive): Promise<SilverRows> {
  const { lake, adapter, dataset, signal } = options
  const { table, report } = await parseArchiveFile({
    bytes: await readObject(lake.store, file.key, { signal }),
    name: originalKey(file.key),
    dataset,
    period: file.period,
    formats: adapter.formats ?? [],
    sha256: file.sha256,
    signal,
  })
  const inexact = Object.entries(report.inexact).map(([column, count]) => [`inexact_${column}`, count] as const)
  return { table, name: file.key, source: 'archive', counts: Object.fromEntries(inexact) }
}

function sorted({ dataType }: DatasetId, rows: SilverRows): SilverRows {
  const { table, report } = mergeTables({ dataType, inputs: [rows] })
  return { ...rows, table, counts: addCounts([rows.counts, mergeCounts(report)]) }
}
