// What a file costs, stage by stage, on one thread: inflate, parse with table, all of the zip, and what comes after
// it: the look whether rows are sorted and free of duplicates, and the Parquet file.
//
//   npm run build && node bench/parse.mjs [--rounds N] [--exact | --gigabyte]
//
// The files are invented, the same in every run: a year of 1-minute klines, two million aggregated trades, and half a
// million rows whose numbers have 17 digits. Beside each stage stands its limit on this machine: zlib alone for
// inflate, and for the parser a loop that does nothing but read every byte. Snappy is what a compressed Parquet file costs
// more than a plain one, in MB of its pages. What counts is processor time, the collector's included, so that a busy machine changes little. `--exact` parses them once to float64 and once to exact
// decimals, in turns, and says how many times the processor time and the memory of the table, and of a Parquet file's
// writing and size, that is. `--gigabyte` parses a zip whose CSV has 1 GB, as a stream, in a process of its own, and
// says how much memory that took at most.
import { spawnSync } from 'node:child_process'
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { crc32, createDeflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { parseDatasetId, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { parseArchive, parseArchiveFile } from '@lake/parse'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    exact: { type: 'boolean' },
    gigabyte: { type: 'boolean' },
    stream: { type: 'string' },
  },
})
const PERIOD = { from: 0, to: Number.MAX_SAFE_INTEGER }
const TRADES = parseDatasetId('binance/spot/aggTrades/BTCUSDT')

if (values.stream !== undefined) await parseStream(values.stream)
else if (values.gigabyte === true) await measureGigabyte()
else if (values.exact === true) await measureExact()
else await measureStages()

function inventedFiles() {
  const bars = parseDatasetId('binance/um/klines/BTCUSDT/1m')
  return [
    { what: '1m klines', dataset: bars, csv: klines(525_600, 8) },
    { what: 'aggTrades', dataset: TRADES, csv: trades(2_000_000) },
    { what: 'klines, 17 digits', dataset: bars, csv: klines(525_600, 15) },
  ]
}

async function measureExact() {
  console.log(`Node ${process.version}, ${cpus()[0]?.model}, best of ${values.rounds} rounds, exact beside float64\n`)
  console.log('| file | parse and table | memory of the table | write Parquet | size of Parquet |')
  console.log('|---|--:|--:|--:|--:|')
  const formats = binance.formats.map((format) => ({ ...format, container: 'csv' }))
  for (const { what, dataset, csv } of inventedFiles()) {
    const kinds = [{}, { decimals: 'exact' }].map((decimals) => ({ decimals, parse: Infinity, write: Infinity }))
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const kind of kinds) {
        const begin = process.cpuUsage()
        const options = { dataset, period: PERIOD, formats, bytes: csv, name: 'x.csv', ...kind.decimals }
        const { table } = await parseArchiveFile(options)
        kind.parse = Math.min(kind.parse, millisSince(begin))
        kind.memory = table.batches.reduce((total, { data }) => total + data.byteLength, 0)
        const middle = process.cpuUsage()
        kind.size = writeParquet(table).length
        kind.write = Math.min(kind.write, millisSince(middle))
      }
    }
    const [float64, exact] = kinds
    const ratios = ['parse', 'memory', 'write', 'size'].map((name) => `${(exact[name] / float64[name]).toFixed(2)}x`)
    console.log(`| ${what} | ${ratios.join(' | ')} |`)
  }
}

function millisSince(start) {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

async function measureStages() {
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, best of ${values.rounds} rounds, MB of CSV a second of processor time\n`,
  )
  console.log(
    '| file | MB | zlib alone | reading every byte | parse and table | whole zip | merge | Parquet | snappy | rows/s |',
  )
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|')
  for (const { what, dataset, csv } of inventedFiles()) {
    const deflated = deflateRawSync(csv, { level: 6 })
    const plain = binance.formats.map((format) => ({ ...format, container: 'csv' }))
    const common = { dataset, period: PERIOD }
    const bytes = zipOf('x.csv', csv, deflated)
    const { table } = await parseArchiveFile({ ...common, formats: binance.formats, bytes, name: 'x.zip' })
    const inputs = [{ table, name: 'x.zip', source: 'archive' }]
    const stages = [
      () => inflateRawSync(deflated, { chunkSize: csv.length + 64, maxOutputLength: csv.length + 1 }),
      () => readEveryByte(csv),
      () => parseArchiveFile({ ...common, formats: plain, bytes: csv, name: 'x.csv' }),
      () => parseArchiveFile({ ...common, formats: binance.formats, bytes, name: 'x.zip' }),
      () => mergeTables({ dataType: dataset.dataType, inputs }),
      () => writeParquet(table),
      () => writeParquet(table, { compression: 'none' }),
    ]
    const best = stages.map(() => Infinity)
    let rows = 0
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [index, stage] of stages.entries()) {
        const start = process.cpuUsage()
        const result = await stage()
        best[index] = Math.min(best[index], millisSince(start))
        rows = result?.report?.rows ?? rows
      }
    }
    const speeds = best.slice(0, 6).map((millis) => (csv.length / 1e3 / millis).toFixed(0))
    const pages = writeParquet(table, { compression: 'none' }).length
    // What compressing adds to writing; where that is less than the noise of it, nothing can be said.
    const added = best[5] - best[6]
    const snappy = added < 0.03 * best[6] ? '-' : (pages / 1e3 / added).toFixed(0)
    console.log(
      `| ${what} | ${(csv.length / 1e6).toFixed(0)} | ${speeds.join(' | ')} | ${snappy} | ${Math.round((rows / best[3]) * 1000)} |`,
    )
  }
}

async function measureGigabyte() {
  const folder = mkdtempSync(join(tmpdir(), 'lake-parse-'))
  try {
    const zip = join(folder, 'BTCUSDT-aggTrades-2026-01.zip')
    const size = await writeGigabyteZip(zip)
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--stream', zip], { encoding: 'utf8' })
    if (child.status !== 0) throw new Error(child.stderr)
    const { rows, seconds, peak } = JSON.parse(child.stdout)
    console.log(
      `a CSV of ${(size / 1e6).toFixed(0)} MB in a zip of ${(statSync(zip).size / 1e6).toFixed(0)} MB, as a stream: ` +
        `${rows} rows in ${seconds.toFixed(1)} s (${(size / 1e6 / seconds).toFixed(0)} MB/s), at most ${(peak / 1e6).toFixed(0)} MB of memory`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function parseStream(path) {
  const start = performance.now()
  const source = createReadStream(path, { highWaterMark: 2 ** 18 })
  const period = parsePeriod('2026-01')
  const batches = parseArchive({ source, name: path, dataset: TRADES, period, formats: binance.formats })
  let rows = 0
  for await (const { table } of batches) rows += table.numRows
  const seconds = (performance.now() - start) / 1000
  console.log(JSON.stringify({ rows, seconds, peak: process.resourceUsage().maxRSS * 1024 }))
}

/** A zip with a member of 1 GB, written as it is made; sizes and CRC-32 are put into its header at the end. */
async function writeGigabyteZip(path) {
  const name = Buffer.from('BTCUSDT-aggTrades-2026-01.csv')
  const header = Buffer.alloc(30)
  const data = createWriteStream(path)
  data.write(Buffer.concat([header, name]))
  let size = 0
  let crc = 0
  await pipeline(
    async function* () {
      for (let first = 0; size < 1e9; first += 100_000) {
        const chunk = trades(100_000, first)
        size += chunk.length
        crc = crc32(chunk, crc)
        yield chunk
      }
    },
    createDeflateRaw({ level: 1 }),
    data,
  )
  const compressed = statSync(path).size - 30 - name.length
  const { local, tail } = zipParts(name, { crc, size, compressed })
  const file = openSync(path, 'r+')
  writeSync(file, local, 0, 30, 0)
  writeSync(file, tail, 0, tail.length, 30 + name.length + compressed)
  closeSync(file)
  return size
}

function zipOf(name, content, deflated) {
  const bytes = Buffer.from(name)
  const { local, tail } = zipParts(bytes, { crc: crc32(content), size: content.length, compressed: deflated.length })
  return Buffer.concat([local, bytes, deflated, tail])
}

function zipParts(name, { crc, size, compressed }) {
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt16LE(8, 8)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  for (const [buffer, at] of [
    [local, 14],
    [entry, 16],
  ]) {
    buffer.writeUInt32LE(crc, at)
    buffer.writeUInt32LE(compressed, at + 4)
    buffer.writeUInt32LE(size, at + 8)
    buffer.writeUInt16LE(name.length, at + 12)
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(30 + name.length + compressed, 16)
  return { local, tail: Buffer.concat([entry, name, end]) }
}

function klines(rows, digits) {
  const random = randomNumbers(1)
  const decimal = (most) => (random() * most).toFixed(8)
  const quote =
    digits > 8
      ? () => `${Math.floor(1e8 + random() * 8e8)}.${String(Math.floor(random() * 9e7) + 1e7)}`
      : () => decimal(2e7)
  const lines = []
  for (let row = 0; row < rows; row++) {
    const open = 1672531200000 + row * 60_000
    const price = () => (30_000 + random() * 100).toFixed(2)
    lines.push(
      `${open},${price()},${price()},${price()},${price()},${decimal(500)},${open + 59_999},${quote()},${Math.floor(random() * 9000)},${decimal(200)},${decimal(1e7)},0\n`,
    )
  }
  return Buffer.from(lines.join(''))
}

function trades(rows, first = 0) {
  const random = randomNumbers(first + 2)
  const lines = []
  for (let row = first; row < first + rows; row++) {
    const price = (80_000 + random() * 100).toFixed(8)
    const time = 1767225600000000 + row * 100
    lines.push(
      `${3e9 + row},${price},${(random() * 2).toFixed(8)},${6e9 + row},${6e9 + row},${time},${random() < 0.5 ? 'True' : 'False'},True\n`,
    )
  }
  return Buffer.from(lines.join(''))
}

/** Numbers from 0 to below 1, the same in every run (mulberry32). */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function readEveryByte(bytes) {
  let commas = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 44) commas++
  return commas
}
