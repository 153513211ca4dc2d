import {
  type Columns,
  type DatasetId,
  type DataType,
  type ExactColumns,
  type ExchangeAdapter,
  partitionKind,
  type Period,
  tableSchema,
} from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import { parseArchive, type ParsedBatch, type ParseOptions, type ParseReport } from '@lake/parse'
import { type Schema, Table, type TypeMap } from 'apache-arrow'
import { addCounts } from './counts.ts'
import { type DaySpill, openDaySpill } from './day-spill.ts'
import type { Lake } from './define-lake.ts'
import type { SilverRows } from './silver-rows.ts'
import { type FileFindings, findingsOf } from './file-findings.ts'
import type { HeldArchive } from './held-file.ts'
import { namingInput } from './refused-input.ts'
import { sharedFileOf } from './shared-file.ts'
import { EXACT } from './lake-decimals.ts'
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
export interface SpanningFiles<T extends TypeMap = Columns[DataType]> extends AsyncDisposable {
  /** The rows that a file has for the period of a partition. */
  rowsOf(file: HeldArchive, period: Period): Promise<SilverRows<T>>
}

/** A file, cut into the periods of partitions. */
interface CutFile<T extends TypeMap> {
  readonly spill: DaySpill<T>
  /** What a day without rows has: the columns. */
  readonly empty: Table<T>
  readonly counts: Readonly<Record<string, number>>
  readonly findings: FileFindings
}

/**
 * A reader of files that span several partitions, as months of ticks span days. Each is parsed once, batch by batch;
 * its rows wait by day, on disk when there are too many for memory, until the reader is disposed. Its counts are told
 * by its first partition.
 */
export function openSpanningFiles(options: SpanningFilesOptions): SpanningFiles {
  return openFiles(options, { schema: tableSchema(options.dataset.dataType), parse: parseArchive })
}

/** The same with exact decimals. */
export function openExactSpanningFiles(options: SpanningFilesOptions): SpanningFiles<ExactColumns[DataType]> {
  const schema = tableSchema(options.dataset.dataType, EXACT)
  return openFiles(options, { schema, parse: (file) => parseArchive({ ...file, ...EXACT }) })
}

/** What the rows become. */
interface Numbers<T extends TypeMap> {
  readonly schema: Schema<T>
  readonly parse: (
    options: ParseOptions<DataType> & { readonly decimals?: undefined },
  ) => AsyncGenerator<ParsedBatch<DataType, T>, ParseReport, undefined>
}

function openFiles<T extends TypeMap>(options: SpanningFilesOptions, numbers: Numbers<T>): SpanningFiles<T> {
  const cut = new Map<string, Promise<CutFile<T>>>()
  return {
    rowsOf: async (file, period) => {
      const known = cut.get(file.key) ?? namingInput(file.key, async () => cutIntoDays(options, numbers, file))
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

async function cutIntoDays<T extends TypeMap>(
  options: SpanningFilesOptions,
  { schema, parse }: Numbers<T>,
  file: HeldArchive,
): Promise<CutFile<T>> {
  const { lake, adapter, dataset, quarantineLimit, signal } = options
  const { key, period, sha256 } = file
  const spill = openDaySpill({ dataType: dataset.dataType, schema, kind: partitionKind(dataset) }, lake.scratch)
  try {
    const { body } = await lake.store.get(key, { signal })
    const batches = parse({
      source: body,
      name: originalKey(key),
      dataset,
      period,
      formats: adapter.formats ?? [],
      sha256,
      quarantine: { limit: quarantineLimit(sha256) },
      shared: sharedFileOf(adapter, dataset, key),
      signal,
    })
    let empty: Table<T> = new Table(schema)
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
