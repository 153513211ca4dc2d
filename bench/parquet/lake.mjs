// Reads or writes a Parquet file several times in one process; prints the seconds and the processor's seconds of each
// time, and the bytes written.
//
//   node lake.mjs read|write|zstd FILE TARGET TIMES
import { writeFileSync } from 'node:fs'
import { createParquetWriter, readParquet, writeParquet } from '@lake/parquet'

const [mode, file, target, times] = process.argv.slice(2)
const table = mode === 'read' ? undefined : await readParquet(file)
const seconds = []
const cpuSeconds = []
let bytes = 0
let rows = 0
for (let time = 0; time < Number(times); time++) {
  const start = performance.now()
  const before = process.cpuUsage()
  if (table === undefined) {
    rows = (await readParquet(file)).numRows
  } else {
    const written = mode === 'zstd' ? await zstdBytes() : writeParquet(table)
    writeFileSync(target, written)
    bytes = written.length
    rows = table.numRows
  }
  const { user, system } = process.cpuUsage(before)
  cpuSeconds.push((user + system) / 1e6)
  seconds.push((performance.now() - start) / 1000)
}
console.log(JSON.stringify({ seconds, cpuSeconds, bytes, rows }))

async function zstdBytes() {
  const chunks = []
  const sink = (chunk) => void chunks.push(chunk)
  const writer = createParquetWriter({ schema: table.schema, compression: 'zstd', sink })
  await writer.write(table)
  await writer.close()
  return Buffer.concat(chunks)
}
