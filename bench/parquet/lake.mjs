// Reads and writes Parquet files as it is told: a line `read FILE`, `fresh FILE`, `ignore FILE`, `threads FILE`,
// `write FILE TARGET` or `zstd FILE TARGET` in, its words told apart by tabs, a line of JSON out. It holds the seconds,
// the processor's seconds of all threads, the rows, and the bytes that were written. What is read lies where the last
// table lay, or in fresh memory, and is read by this thread or by two others; with `ignore` and `ignore-threads` no
// checksums are compared.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createParquetWriter, createTableMemory, openReadThreads, readParquet, writeParquet } from '@lake/parquet'

const memory = createTableMemory()
const threads = openReadThreads({ threads: 2 })
const JOBS = {
  read: (file) => measure(() => readParquet(file, { memory })),
  fresh: (file) => measure(() => readParquet(file)),
  ignore: (file) => measure(() => readParquet(file, { memory, checksums: 'ignore' })),
  threads: (file) => measure(() => readParquet(file, { memory, threads })),
  'ignore-threads': (file) => measure(() => readParquet(file, { memory, threads, checksums: 'ignore' })),
  write: (file, target) => write(file, target, writeParquet),
  zstd: (file, target) => write(file, target, zstdBytes),
}

for await (const line of createInterface({ input: process.stdin })) {
  const [job, ...files] = line.split('\t')
  console.log(JSON.stringify(await JOBS[job](...files)))
  memory.reuse()
}
await threads[Symbol.asyncDispose]()

async function write(file, target, bytesOf) {
  const table = await readParquet(file)
  let bytes = 0
  const cost = await measure(async () => {
    const written = await bytesOf(table)
    writeFileSync(target, written)
    bytes = written.length
    return table
  })
  return { ...cost, bytes }
}

async function measure(work) {
  const start = performance.now()
  const before = process.cpuUsage()
  const { numRows: rows } = await work()
  const { user, system } = process.cpuUsage(before)
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6, rows }
}

async function zstdBytes(table) {
  const chunks = []
  const sink = (chunk) => void chunks.push(chunk)
  const writer = createParquetWriter({ schema: table.schema, compression: 'zstd', sink })
  await writer.write(table)
  await writer.close()
  return Buffer.concat(chunks)
}
