import type { ColumnMemory } from '@lake/core'
import { columnKind } from './column-kind.ts'
import { type ColumnSink, createColumnSink, createIntegerSink, type IntegerSink } from './column-sink.ts'
import type { CollectedValues } from './column-task.ts'
import { NoRoom } from './decode-memory.ts'
import type { ParquetFile } from './parquet-file.ts'
import { readInThreads } from './read-in-threads.ts'
import { readColumns, type Selection } from './read-rows.ts'
import { TableMemory } from './table-memory.ts'
import { FRESH_MEMORY, roomIn, type TakeMemory } from './take-memory.ts'
import type { CollectOptions, SelectedRows, WantedColumn } from './wanted-columns.ts'

/** The values of columns, in the memory that is given or in some of their own; in threads where there are some and the file is a local one. */
export async function collectColumns(
  file: ParquetFile,
  wanted: readonly WantedColumn[],
  rows: SelectedRows,
  options: CollectOptions,
): Promise<CollectedValues[]> {
  const { signal } = options
  const read = await readInThreads(file, wanted, rows, options)
  signal?.throwIfAborted()
  const collectIn = async (memory: TakeMemory): Promise<CollectedValues[]> => {
    const targets = wanted.map((column, nth) =>
      read[nth] === undefined ? targetOf(column, rows.rows, memory) : undefined,
    )
    const unread = targets.filter((target) => target !== undefined)
    for (const selection of rows.selections) {
      signal?.throwIfAborted()
      await collect(file, selection, unread)
    }
    return targets.map((target, nth) => read[nth] ?? target?.sink.values() ?? new Float64Array(0))
  }
  try {
    return await collectIn(takeFrom(options.memory))
  } catch (error) {
    if (error instanceof NoRoom) return collectIn(FRESH_MEMORY)
    throw error
  }
}

function takeFrom(memory: ColumnMemory | TableMemory | undefined): TakeMemory {
  if (memory === undefined) return FRESH_MEMORY
  return memory instanceof TableMemory ? memory : roomIn(memory)
}

interface Target extends WantedColumn {
  readonly sink: ColumnSink
  /** The same sink, when it takes integers. */
  readonly timeSink?: IntegerSink | undefined
}

function targetOf({ column, field }: WantedColumn, rows: number, memory: TakeMemory): Target {
  const kind = columnKind(field)
  const form = { rows, nullable: field.nullable, memory }
  if (kind !== 'time') return { column, field, sink: createColumnSink(column, kind, form) }
  const timeSink = createIntegerSink(column, form)
  return { column, field, sink: timeSink, timeSink }
}

async function collect(
  file: ParquetFile,
  { group, runs, times }: Selection,
  targets: readonly Target[],
): Promise<void> {
  const unread = targets.filter(({ column, timeSink }) => {
    if (times === undefined || timeSink === undefined || column.name !== 'ts_event') return true
    // The times were read to find the rows.
    for (const { start, end } of runs) timeSink.putIntegers(times, start - times.start, end - times.start)
    return false
  })
  await readColumns(file, group, unread, runs)
}
