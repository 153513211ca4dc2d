import { parentPort } from 'node:worker_threads'
import { createColumnSink } from './column-sink.ts'
import { buffersOf, type CollectedValues, type ColumnAnswers, type ColumnJob, type ColumnTask } from './column-task.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { localFile } from './local-file.ts'
import { openParquetFile, type ParquetFile } from './parquet-file.ts'
import { groupsOf, readColumns } from './read-rows.ts'
import type { Group } from './row-run.ts'
import { FRESH_MEMORY, type TakeMemory, wholeRoom } from './take-memory.ts'
import { type SharedMemory, workIn } from './table-memory.ts'

/** Jobs are done one by one, in their order. */
let before: Promise<void> = Promise.resolve()

parentPort?.on('message', (job: ColumnJob) => {
  before = before.then(async () => answer(job))
})

async function answer(job: ColumnJob): Promise<void> {
  const answers: ColumnAnswers[number][] = []
  const open = openOnce(job)
  for (let nth = take(job); nth < job.tasks.length; nth = take(job)) {
    const task = job.tasks[nth]
    const values = task && (await collect(job, task, open).catch(() => undefined))
    answers.push({ task: nth, values })
  }
  parentPort?.postMessage(
    answers,
    answers.flatMap(({ values }) => (values === undefined ? [] : buffersOf(values))),
  )
}

/** The next task that nobody took. */
function take({ taken }: ColumnJob): number {
  return Atomics.add(taken, 0, 1)
}

interface OpenFile {
  readonly file: ParquetFile
  readonly groups: readonly Group[]
}

/** Opens the file of a job when its first task is taken: other threads may have been faster with all of them. */
function openOnce({ descriptor, checksums }: ColumnJob): () => Promise<OpenFile> {
  let opened: Promise<OpenFile> | undefined
  const open = async (): Promise<OpenFile> => {
    const file = await openParquetFile(localFile(descriptor), { checksums })
    return { file, groups: groupsOf(file) }
  }
  return () => (opened ??= open())
}

async function collect(
  { selections, memory }: ColumnJob,
  task: ColumnTask,
  open: () => Promise<OpenFile>,
): Promise<CollectedValues | undefined> {
  const { file, groups } = await open()
  const column = file.columns.get(task.column)
  if (column === undefined) return undefined
  const { rows, nullable, isPart } = task
  const sink = createColumnSink(column, task.kind, { rows, nullable, memory: takeOf(memory, task), isPart })
  for (const { group, runs } of selections.slice(task.from, task.to)) {
    const found = groups[group]
    if (found === undefined) return undefined
    await readColumns(file, found, [{ column, sink }], runs)
  }
  return sink.values()
}

function takeOf(memory: SharedMemory | undefined, { room }: ColumnTask): TakeMemory {
  if (room instanceof ArrayBuffer) return { take: () => wholeRoom(room) }
  if (room === undefined || memory === undefined) return FRESH_MEMORY
  return { take: () => ({ buffer: memory.memory.buffer, byteOffset: room, at: room }), kernels: kernelsIn(memory) }
}

/** The kernels of this thread in the memories of tables. Those that a memory was exchanged for are let go of. */
const known = new Map<number, { readonly generation: number; readonly kernels: DecodeMemory }>()
// As a rule there is one memory for all tables.
const MOST_KNOWN = 4

function kernelsIn({ id, generation, memory }: SharedMemory): DecodeMemory {
  const before = known.get(id)
  const kernels = before?.generation === generation ? before.kernels : workIn(memory)
  known.delete(id)
  known.set(id, { generation, kernels })
  const [oldest = id] = known.keys()
  if (known.size > MOST_KNOWN) known.delete(oldest)
  return kernels
}
