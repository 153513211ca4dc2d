import {
  type DatasetId,
  type DataType,
  type ExchangeAdapter,
  type LakeTable,
  partitionKind,
  tableSchema,
} from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import { parseArchive } from '@lake/parse'
import { Table } from 'apache-arrow'
import { addCounts } from './counts.ts'
import { type DaySpill, openDaySpill } from './day-spill.ts'
import type { Lake } from './define-lake.ts'
import type { SilverRows } from './encode-silver.ts'
import { type FileFindings, findingsOf } from './file-findings.ts'
import type { HeldArchive } from './held-file.ts'
import type { SilverPartition } from './silver-partition.ts'
import { fileCounts } from './silver-task.ts'

export interface SpanningFilesOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** The largest share of a file's lines that may be put aside. */
  readonly quarantineLimit: (sha256: string) => number
  readonly signal?: AbortSignal | undefined
}

/** Reads files that span several partitions. */
export interface SpanningFiles extends AsyncDisposable {
  /** The rows that a file has for a partition. */
  rowsOf(file: HeldArchive, partition: SilverPartition): Promise<SilverRows>
}

/** A file, cut into the periods of partitions. */
interface CutFile {
  readonly spill: DaySpill<DataType>
  /** What a day without rows has: the columns. */
  readonly empty: LakeTable<DataType>
  readonly counts: Readonly<Record<string, number>>
  readonly findings: FileFindings
}

/**
 * A reader of files that span several partitions, as months of ticks span days. Each is parsed once, batch by batch;
 * its rows wait by day, on disk when there are too many for memory, until the reader is disposed. Its counts are told
 * by its first partition.
 */
export function openSpanningFiles(options: SpanningFilesOptions): SpanningFiles {
  const cut = new Map<string, Promise<CutFile>>()
  return {
    rowsOf: async (file, { period }) => {
      const known = cut.get(file.key) ?? cutIntoDays(options, file)
      cut.set(file.key, known)
      const { spill, empty, counts, findings } = await known
      const table = (await spill.read(period.label)) ?? empty
      const isFirst = period.from <= file.period.from && file.period.from < period.to
      return { table, name: file.key, source: 'archive', counts: isFirst ? counts : {}, findings }
    },
    [Symbol.asyncDispose]: async () => {
      for (const settled of await Promise.allSettled(cut.values())) {
        if (settled.status === 'fulfilled') await settled.value.spill.close()
      }
    },
  }
}

async function cutIntoDays(options: SpanningFilesOptions, file: HeldArchive): Promise<CutFile> {
  const { lake, adapter, dataset, quarantineLimit, signal } = options
  const { key, period, sha256 } = file
  const spill = openDaySpill(dataset.dataType, partitionKind(dataset), lake.scratch)
  try {
    const { body } = await lake.store.get(key, { signal })
    const batches = parseArchive({
      source: body,
      name: originalKey(key),
      dataset,
      period,
      formats: adapter.formats ?? [],
      sha256,
      quarantine: { limit: quarantineLimit(sha256) },
      signal,
    })
    let empty: LakeTable<DataType> = new Table(tableSchema(dataset.dataType))
    let next = await batches.next()
    for (; next.done !== true; next = await batches.next()) {
      empty = next.value.table.slice(0, 0)
      await spill.add(next.value.table)
    }
    const counts = addCounts([fileCounts(next.value), spill.counts])
    return { spill, empty, counts, findings: findingsOf(file, next.value) }
  } catch (error) {
    await spill.close()
    throw error
  }
}
