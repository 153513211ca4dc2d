import type { ColumnMemory } from '@lake/core'
import type { Field } from 'apache-arrow'
import { type ColumnKind, columnKind } from './column-kind.ts'
import { type ColumnSink, createColumnSink, createIntegerSink, type IntegerSink } from './column-sink.ts'
import { buffersOf, type CollectedValues, type ColumnTask } from './column-task.ts'
import { NoRoom } from './decode-memory.ts'
import type { FileColumn } from './file-columns.ts'
import type { ParquetFile } from './parquet-file.ts'
import { readColumns, type Selection } from './read-rows.ts'
import type { ReadThreads } from './read-threads.ts'
import { TableMemory } from './table-memory.ts'
import { FRESH_MEMORY, roomIn, type TakeMemory } from './take-memory.ts'
import { chunkOf, metadataOf } from './time-statistics.ts'

/** A column of the result: where it comes from and what it shall be. */
export interface WantedColumn {
  readonly column: FileColumn
  readonly field: Field
}

/** The rows that are wanted of a file. */
export interface SelectedRows {
  readonly selections: readonly Selection[]
  readonly rows: number
}

export interface CollectOptions {
  readonly memory?: ColumnMemory | TableMemory | undefined
  readonly threads?: ReadThreads | undefined
  readonly signal?: AbortSignal | undefined
}

/** The values of columns, each in memory of its own; in threads where there are some and the file is a local one. */
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

/** What threads could read; whatever else there is, or went wrong, is up to the caller. */
async function readInThreads(
  file: ParquetFile,
  wanted: readonly WantedColumn[],
  { selections, rows }: SelectedRows,
  { threads, memory }: CollectOptions,
): Promise<(CollectedValues | undefined)[]> {
  const { local } = file
  if (threads === undefined || local === undefined || rows === 0) return []
  // Runs can be whole groups, with all that the footer says of them: of no use to a thread, and costly to send.
  const found = selections.map(({ group, runs }) => ({
    group: group.place,
    runs: runs.map(({ start, end }) => ({ start, end })),
  }))
  const answers: (CollectedValues | undefined)[] = []
  // What takes longest begins first, so that all end at about the same time.
  const order = wanted.map((one, nth) => ({ ...one, nth, size: sizeOf(selections, one.column) }))
  await Promise.all(
    order
      .toSorted((a, b) => b.size - a.size)
      .map(async ({ column, field, nth }) => {
        const kind = columnKind(field)
        const given = givenMemory(memory, rows * VALUE_BYTES[kind])
        const task = {
          ...local,
          checksums: file.checksums,
          column: column.name,
          kind,
          nullable: field.nullable,
          rows,
          selections: found,
          memory: given,
        }
        const { values } = await threads.read(task, given instanceof ArrayBuffer ? [given] : [])
        const [first] = values === undefined ? [] : buffersOf(values)
        if (first !== undefined && given instanceof ArrayBuffer && !(memory instanceof TableMemory)) memory?.give(first)
        answers[nth] = values
      }),
  )
  return answers
}

function givenMemory(memory: CollectOptions['memory'], bytes: number): ColumnTask['memory'] {
  if (!(memory instanceof TableMemory)) return memory?.take(bytes)
  const { at } = memory.take(bytes)
  return at === undefined ? undefined : { ...memory.shared, at }
}

const VALUE_BYTES: Readonly<Record<ColumnKind, number>> = {
  time: 8,
  integer: 8,
  float: 8,
  decimal: 16,
  text: 4,
  flag: 1,
}

function sizeOf(selections: readonly Selection[], { name }: FileColumn): number {
  return selections.reduce((sum, { group: { rowGroup } }) => {
    const { total_compressed_size: packed, total_uncompressed_size: plain } = metadataOf(chunkOf(rowGroup, name))
    return sum + Number(packed) + Number(plain)
  }, 0)
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
