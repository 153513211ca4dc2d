import type { ColumnMemory } from '@lake/core'
import { joinParts } from './column-parts.ts'
import { type ColumnPlan, planColumn } from './column-plan.ts'
import { buffersOf, type CollectedValues, type ColumnJob, type ColumnTask } from './column-task.ts'
import type { FileColumn } from './file-columns.ts'
import type { ParquetFile } from './parquet-file.ts'
import type { Selection } from './read-rows.ts'
import type { ReadThreads } from './read-threads.ts'
import { TableMemory } from './table-memory.ts'
import { chunkOf } from './time-statistics.ts'
import type { CollectOptions, SelectedRows, WantedColumn } from './wanted-columns.ts'

/** What threads could read; whatever else there is, or went wrong, is up to the caller. */
export async function readInThreads(
  { descriptor, checksums }: ParquetFile,
  wanted: readonly WantedColumn[],
  { selections, rows }: SelectedRows,
  { threads, memory }: CollectOptions,
): Promise<(CollectedValues | undefined)[]> {
  if (threads === undefined || descriptor === undefined || rows === 0) return []
  // Runs can be whole groups, with all that the footer says of them: of no use to a thread, and costly to send.
  const found = selections.map(({ group, runs }) => ({
    group: group.place,
    runs: runs.map(({ start, end }) => ({ start, end })),
  }))
  const plans = wanted.map((column) => planColumn(column, found, rows, memory))
  const tasks = inOrder(plans, (nth) => sizeOf(selections, wanted[nth]?.column))
  const file = { descriptor, checksums, selections: found }
  const answers =
    memory === undefined || memory instanceof TableMemory
      ? await readShared(threads, { ...file, memory: memory?.shared, tasks })
      : await readDealt(threads, { ...file, memory: undefined, tasks }, memory)
  return plans.map(({ tasks, parts, place }) => {
    const values = tasks.map((task) => answers.get(task))
    return place === undefined ? values[0] : joinParts(parts, values, place)
  })
}

type Answers = Map<ColumnTask, CollectedValues | undefined>

type Job = Omit<ColumnJob, 'taken'>

/** Each task is done by the thread that is done first with another one. */
async function readShared(threads: ReadThreads, job: Job, transfer: readonly ArrayBuffer[] = []): Promise<Answers> {
  const taken = new Int32Array(new SharedArrayBuffer(4))
  const answers: Answers = new Map()
  for (const { task: nth, values } of await threads.read({ ...job, taken }, transfer)) {
    const task = job.tasks[nth]
    if (task !== undefined) answers.set(task, values)
  }
  return answers
}

/** Each thread gets tasks of its own, because memory that is not shared can be sent to but one of them. */
async function readDealt(threads: ReadThreads, job: Job, memory: ColumnMemory): Promise<Answers> {
  const { count } = threads
  const hands = Array.from({ length: count }, (_, hand) => job.tasks.filter((_, nth) => nth % count === hand))
  const dealt = hands.filter((tasks) => tasks.length > 0)
  const answers = await Promise.all(
    dealt.map((tasks) => {
      const given = tasks.flatMap(({ room }) => (room instanceof ArrayBuffer ? [room] : []))
      return readShared(threads, { ...job, tasks }, given)
    }),
  )
  const all = new Map(answers.flatMap((some) => [...some]))
  for (const values of all.values()) {
    const [first] = values === undefined ? [] : buffersOf(values)
    if (first !== undefined) memory.give(first)
  }
  return all
}

/** What is in one piece comes first, and what takes longest: so that all threads end at about the same time. */
function inOrder(plans: readonly ColumnPlan[], sizeAt: (nth: number) => number): ColumnTask[] {
  return plans
    .map(({ tasks }, nth) => ({ tasks, size: sizeAt(nth) }))
    .toSorted((one, other) => one.tasks.length - other.tasks.length || other.size - one.size)
    .flatMap(({ tasks }) => tasks)
}

function sizeOf(selections: readonly Selection[], column: FileColumn | undefined): number {
  if (column === undefined) return 0
  return selections.reduce((sum, { group: { rowGroup } }) => {
    const { pages, uncompressedBytes } = chunkOf(rowGroup, column.name)
    return sum + pages.end - pages.start + uncompressedBytes
  }, 0)
}
