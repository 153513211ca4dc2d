import {
  type DatasetId,
  type DataType,
  type ExchangeAdapter,
  isTableOf,
  type LakeTable,
  readObject,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import { parseArchive, parseArchiveFile, type ParseReport } from '@lake/parse'
import { Table } from 'apache-arrow'
import { addCounts } from './counts.ts'
import { type DaySpill, openDaySpill } from './day-spill.ts'
import type { Lake } from './define-lake.ts'
import type { HeldArchive, HeldFile } from './held-file.ts'
import { parseHeldPage } from './parse-held-page.ts'
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

/** Reads bronze files as rows of partitions. */
export interface SilverRowsReader extends AsyncDisposable {
  rowsOf(partition: SilverPartition): Promise<readonly SilverRows[]>
}

function liesWithin(inner: TimeRange, outer: TimeRange): boolean {
  return inner.from >= outer.from && inner.to <= outer.to
}

/** A file that spans several partitions, cut into days. */
interface SpannedFile {
  readonly spill: DaySpill<DataType>
  /** What a day without rows has: the columns. */
  readonly empty: LakeTable<DataType>
  readonly counts: Readonly<Record<string, number>>
}

/**
 * A reader of bronze files as rows of partitions. A file that spans several partitions (a month of ticks, cut into
 * days) is parsed once, batch by batch; its rows wait by day, on disk when there are too many for memory, until the
 * reader is disposed. Its counts are told by its first partition.
 */
export function openSilverRows(options: SilverRowsOptions): SilverRowsReader {
  const spanning = new Map<string, Promise<SpannedFile>>()
  const rowsOf = async (file: HeldFile, partition: SilverPartition): Promise<SilverRows> => {
    if (file.source === 'rest') return parseHeldPage(options, file, partition.period)
    if (liesWithin(file.period, partition.period)) return parseHeldFile(options, file)
    const spanned = spanning.get(file.key) ?? cutIntoDays(options, file)
    spanning.set(file.key, spanned)
    const { spill, empty, counts } = await spanned
    const table = (await spill.read(partition.period.label)) ?? empty
    const isFirst = partition.period.from === file.period.from
    return { table, name: file.key, source: 'archive', counts: isFirst ? counts : {} }
  }
  return {
    rowsOf: async (partition) => {
      const inputs: SilverRows[] = []
      for (const file of partition.files) {
        options.signal?.throwIfAborted()
        inputs.push(await rowsOf(file, partition))
      }
      return inputs
    },
    [Symbol.asyncDispose]: async () => {
      for (const spanned of await Promise.allSettled(spanning.values())) {
        if (spanned.status === 'fulfilled') await spanned.value.spill.close()
      }
    },
  }
}

async function cutIntoDays(options: SilverRowsOptions, file: HeldArchive): Promise<SpannedFile> {
  const { lake, dataset, signal } = options
  const { dataType } = dataset
  const spill = openDaySpill(dataType, lake.scratch)
  try {
    const { body } = await lake.store.get(file.key, { signal })
    const batches = parseArchive({ ...parseOptions(options, file), source: body })
    let empty = emptyTable(dataType)
    let next = await batches.next()
    for (; next.done !== true; next = await batches.next()) {
      empty = next.value.table.slice(0, 0)
      await spill.add(next.value.table)
    }
    return { spill, empty, counts: addCounts([inexactCounts(next.value), spill.counts]) }
  } catch (error) {
    await spill.close()
    throw error
  }
}

async function parseHeldFile(options: SilverRowsOptions, file: HeldArchive): Promise<SilverRows> {
  const bytes = await readObject(options.lake.store, file.key, { signal: options.signal })
  const { table, report } = await parseArchiveFile({ ...parseOptions(options, file), bytes })
  return { table, name: file.key, source: 'archive', counts: inexactCounts(report) }
}

function parseOptions({ adapter, dataset, signal }: SilverRowsOptions, { key, period, sha256 }: HeldArchive) {
  return { name: originalKey(key), dataset, period, formats: adapter.formats ?? [], sha256, signal }
}

function inexactCounts({ inexact }: Pick<ParseReport, 'inexact'>): Record<string, number> {
  return Object.fromEntries(Object.entries(inexact).map(([column, count]) => [`inexact_${column}`, count]))
}

function emptyTable(dataType: DataType): LakeTable<DataType> {
  return new Table(tableSchema(dataType))
}
