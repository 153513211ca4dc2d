import { parentPort } from 'node:worker_threads'
import { createColumnSink } from './column-sink.ts'
import { buffersOf, type CollectedValues, type ColumnAnswer, type ColumnTask } from './column-task.ts'
import { localFile } from './local-file.ts'
import { openParquetFile, type ParquetFile } from './parquet-file.ts'
import { groupsOf, readColumns } from './read-rows.ts'
import { FRESH_MEMORY } from './take-memory.ts'

/** The file of the last task: that of the next one, as a rule, whose footer is read once. */
let last: { readonly opening: number; readonly file: Promise<ParquetFile> } | undefined

parentPort?.on('message', (task: ColumnTask) => void answer(task))

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
  const { memory } = task
  const sink = createColumnSink(column, task.kind, {
    rows: task.rows,
    nullable: task.nullable,
    memory: memory === undefined ? FRESH_MEMORY : { take: () => memory },
  })
  const groups = groupsOf(file)
  for (const { group, runs } of task.selections) {
    const found = groups[group]
    if (found === undefined) return undefined
    await readColumns(file, found, [{ column, sink }], runs)
  }
  return sink.values()
}
