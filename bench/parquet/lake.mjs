// Reads and writes Parquet files as it is told: a line `read FILE`, `write FILE TARGET` or `zstd FILE TARGET` in, a line
// of JSON out. It holds the seconds, the processor's seconds, the rows, and the bytes that were written.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createParquetWriter, readParquet, writeParquet } from '@lake/parquet'

for await (const line of createInterface({ input: process.stdin })) {
  const [job, file, target] = line.split('\t')
  console.log(JSON.stringify(job === 'read' ? await measure(() => readParquet(file)) : await write(job, file, target)))
}

async function write(job, file, target) {
  const table = await readParquet(file)
  let bytes = 0
  const cost = await measure(async () => {
    const written = job === 'zstd' ? await zstdBytes(table) : writeParquet(table)
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
