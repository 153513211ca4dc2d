// A million candles from zip to Parquet, whole processes side by side: `lake run` and polars on the same files.
//
//   npm run bench -- [SOURCE] [--rounds N]
//
// SOURCE is a folder laid out as Binance's archive with kline zips in it; without it, an archive of a million
// invented candles is written once to .tools/bench-archive. Rounds are interleaved, so that whatever else the
// machine does befalls everybody. `lake run` verifies every checksum, keeps the raw files in bronze and finds the
// gaps; polars does none of that.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseDatasetId, parseInstant } from '@lake/core'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { openStore } from '@lake/storage'
import { python } from './python.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
})

if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}
const source = positionals[0] === undefined ? await inventedArchive() : resolve(positionals[0])
const zips = readdirSync(source, { recursive: true }).filter((path) => path.endsWith('.zip'))
const datasets = [...new Set(zips.map(datasetOf))].sort()

const lakeArguments = (target, gold) => [
  ...[
    here('../packages/cli/bin/lake.js'),
    'run',
    '--no-heal',
    '--lake',
    `file:${target}`,
    '--source',
    `file:${source}`,
    '--json',
  ],
  ...datasets.flatMap((dataset) => ['--dataset', dataset]),
  ...gold,
]
const polars = (mode) => (target) => [python, here('peers/polars_klines.py'), mode, source, target]
const rowsOfReport = (stdout) => JSON.parse(stdout).datasets.reduce((sum, { rows }) => sum + rows, 0)

const programs = [
  {
    name: 'lake run: bronze, silver',
    command: (target) => [process.execPath, ...lakeArguments(target, ['--gold', 'none'])],
    rowsOf: rowsOfReport,
  },
  {
    name: 'lake run: bronze, silver, gold',
    command: (target) => [process.execPath, ...lakeArguments(target, [])],
    rowsOf: rowsOfReport,
  },
  { name: 'polars, file by file', command: polars('each'), rowsOf: Number },
  { name: 'polars, two lazy threads', command: polars('lazy'), rowsOf: Number },
]

// Nobody shall pay for reading the disk the first time.
let bytes = 0
for (const zip of zips) bytes += readFileSync(join(source, zip)).length
console.log(`${zips.length} files, ${(bytes / 1e6).toFixed(1)} MB, of ${datasets.join(', ')}`)

const runs = new Map(programs.map(({ name }) => [name, []]))
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const program of programs) {
    const run = measure(program)
    runs.get(program.name).push(run)
    console.log(
      `round ${round}  ${program.name.padEnd(30)} ${run.seconds.toFixed(2)} s  ${megabytes(run.peakBytes)} MB`,
    )
  }
}
printTable()

function measure({ name, command, rowsOf }) {
  const target = mkdtempSync(join(tmpdir(), 'lake-bench-'))
  try {
    const { stdout, stderr } = spawnSync(python, [here('measure.py'), ...command(target)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    const cost = JSON.parse(stderr.trim().split('\n').at(-1))
    if (cost.code !== 0) throw new Error(`${name} failed:\n${stderr}${stdout}`)
    return { ...cost, rows: rowsOf(stdout) }
  } finally {
    rmSync(target, { recursive: true })
  }
}

function printTable() {
  const rows = new Set([...runs.values()].flat().map((run) => run.rows))
  if (rows.size !== 1) throw new Error(`The programs disagree about the number of rows: ${[...rows].join(', ')}`)
  const results = programs.map(({ name }) => {
    const seconds = runs.get(name).map((run) => run.seconds)
    const peak = Math.max(...runs.get(name).map((run) => run.peakBytes))
    return { name, least: Math.min(...seconds), median: median(seconds), peak }
  })
  const peers = results.filter(({ name }) => name.startsWith('polars'))
  const best = peers.reduce((fastest, peer) => (peer.median < fastest.median ? peer : fastest))
  console.log(
    `\n${[...rows][0]} rows, ${values.rounds} rounds, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`,
  )
  console.log('| program | least s | median s | of the faster polars | peak MB |')
  console.log('|---|--:|--:|--:|--:|')
  for (const { name, least, median, peak } of results) {
    const ratio = (median / best.median).toFixed(2)
    console.log(`| ${name} | ${least.toFixed(2)} | ${median.toFixed(2)} | ${ratio} | ${megabytes(peak)} |`)
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function megabytes(count) {
  return Math.round(count / 1e6)
}

function datasetOf(path) {
  const match =
    /(?:^|\/)data\/(?:futures\/)?(spot|um|cm)\/(?:monthly|daily)\/klines\/([^/]+)\/([^/]+)\/[^/]+\.zip$/.exec(path)
  if (match === null) throw new Error(`${path} is not where an archive has its klines: data/…/klines/SYMBOL/INTERVAL/`)
  const [, market, symbol, interval] = match
  return `binance/${market}/klines/${symbol}/${interval}`
}

async function inventedArchive() {
  const folder = here('../.tools/bench-archive')
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true })
    const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
    const from = parseInstant('2023-01-01')
    await generateKlineArchive({
      target: openStore(`file:${folder}`),
      dataset,
      from,
      rows: 1_000_000,
      seed: 1,
      level: 6,
    })
  }
  return folder
}
