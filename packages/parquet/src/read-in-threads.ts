import { columnKind, type ColumnKind } from './column-kind.ts'
import { joinParts, partsOf, roomOfPart } from './column-parts.ts'
import { buffersOf, type CollectedValues, type ColumnTask, type SharedRoom } from './column-task.ts'
import type { FileColumn } from './file-columns.ts'
import type { ParquetFile } from './parquet-file.ts'
import type { Selection } from './read-rows.ts'
import type { ReadThreads } from './read-threads.ts'
import { TableMemory } from './table-memory.ts'
import { chunkOf } from './time-statistics.ts'
import type { CollectOptions, SelectedRows, WantedColumn } from './wanted-columns.ts'

/** What threads could read; whatever else there is, or went wrong, is up to the caller. */
export async function readInThreads(
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
        const own = { ...local, checksums: file.checksums, column: column.name, kind, nullable: field.nullable }
        const given = givenMemory(memory, rows * VALUE_BYTES[kind])
        answers[nth] =
          given !== undefined && 'at' in given && VALUE_BYTES[kind] === 8
            ? await readParts(threads, own, { selections: found, rows, room: given })
            : await readWhole(threads, { ...own, selections: found, rows, memory: given, isPart: false }, memory)
      }),
  )
  return answers
}

async function readWhole(
  threads: ReadThreads,
  task: ColumnTask,
  memory: CollectOptions['memory'],
): Promise<CollectedValues | undefined> {
  const given = task.memory instanceof ArrayBuffer ? task.memory : undefined
  const { values } = await threads.read(task, given === undefined ? [] : [given])
  const [first] = values === undefined ? [] : buffersOf(values)
  if (first !== undefined && given !== undefined && !(memory instanceof TableMemory)) memory?.give(first)
  return values
}

async function readParts(
  threads: ReadThreads,
  own: Omit<ColumnTask, 'selections' | 'rows' | 'memory' | 'isPart'>,
  { selections, rows, room }: { selections: ColumnTask['selections']; rows: number; room: SharedRoom },
): Promise<CollectedValues | undefined> {
  const parts = partsOf(selections, rows)
  const isPart = parts.length > 1
  const answers = await Promise.all(
    parts.map((part) =>
      threads.read(
        { ...own, selections: part.selections, rows: part.rows, memory: roomOfPart(room, part), isPart },
        [],
      ),
    ),
  )
  return joinParts(
    parts,
    answers.map(({ values }) => values),
    room,
  )
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
    const { pages, uncompressedBytes } = chunkOf(rowGroup, name)
    return sum + pages.end - pages.start + uncompressedBytes
  }, 0)
}
