import { parentPort } from 'node:worker_threads'
import { createColumnSink } from './column-sink.ts'
import { buffersOf, type CollectedValues, type ColumnAnswer, type ColumnTask, type SharedRoom } from './column-task.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { localFile } from './local-file.ts'
import { openParquetFile, type ParquetFile } from './parquet-file.ts'
import { groupsOf, readColumns } from './read-rows.ts'
import { FRESH_MEMORY, type TakeMemory, wholeRoom } from './take-memory.ts'
import { workIn } from './table-memory.ts'

/** The file of the last task: that of the next one, as a rule, whose footer is read once. */
let last: { readonly opening: number; readonly file: Promise<ParquetFile> } | undefined

/** Answers come in the order of the tasks. */
let before: Promise<void> = Promise.resolve()

parentPort?.on('message', (task: ColumnTask) => {
  before = before.then(async () => answer(task))
})

async function answer(task: ColumnTask): Promise<void> {
  const values = await collect(task).catch(() => undefined)
  const answer: ColumnAnswer = { values }
  parentPort?.postMessage(answer, values === undefined ? [] : buffersOf(values))
}

async function collect({ descriptor, opening, checksums, ...task }: ColumnTask): Promise<CollectedValues | undefined> {
  if (last?.opening !== opening) last = { opening, file: openParquetFile(localFile(descriptor), { checksums }) }
  const file = await last.file
  const column = file.columns.get(task.column)
  if (column === undefined) return undefined
  const sink = createColumnSink(column, task.kind, {
    rows: task.rows,
    nullable: task.nullable,
    memory: takeOf(task.memory),
    isPart: task.isPart,
  })
  const groups = groupsOf(file)
  for (const { group, runs } of task.selections) {
    const found = groups[group]
    if (found === undefined) return undefined
    await readColumns(file, found, [{ column, sink }], runs)
  }
  return sink.values()
}

function takeOf(memory: ColumnTask['memory']): TakeMemory {
  if (memory === undefined) return FRESH_MEMORY
  if (memory instanceof ArrayBuffer) return { take: () => wholeRoom(memory) }
  const { at } = memory
  return { take: () => ({ buffer: memory.memory.buffer, byteOffset: at, at }), kernels: kernelsIn(memory) }
}

/** The kernels of this thread in the memories of tables. Those that a memory was exchanged for are let go of. */
const known = new Map<number, { readonly generation: number; readonly kernels: DecodeMemory }>()
// As a rule there is one memory for all tables.
const MOST_KNOWN = 4

function kernelsIn({ id, generation, memory }: SharedRoom): DecodeMemory {
  const before = known.get(id)
  const kernels = before?.generation === generation ? before.kernels : workIn(memory)
  known.delete(id)
  known.set(id, { generation, kernels })
  const [oldest = id] = known.keys()
  if (known.size > MOST_KNOWN) known.delete(oldest)
  return kernels
}
