// Parquet written and read, side by side with polars on two threads: a million bars and two million trades.
//
//   npm run -s bench:parquet -- [--rounds N]
//
// Written with snappy; read from files of ours, polars, pyarrow and DuckDB, each with snappy and with zstd.
//
// Each round starts every program once, one after the other, so that whatever else the machine does befalls everybody.
// A program does its job eight times; the least of them counts, of the least of all rounds the ratio is made. Of
// polars' two ways the faster one counts. Programs that write get their rows from the same file.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeParquet } from '@lake/parquet'
import { inventedAggTrades, inventedBars } from './parquet/invented-tables.mjs'
import { python } from './python.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const TIMES = 8
const WRITERS = ['lake', 'polars', 'pyarrow', 'duckdb']
const COMPRESSIONS = ['snappy', 'zstd']

if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'lake-parquet-'))
try {
  const tables = [
    ['1,051,165 bars', inventedBars(1_051_165)],
    ['2,000,000 trades', inventedAggTrades(2_000_000)],
  ]
  const jobs = tables.flatMap(([name, table], nth) => {
    const ours = join(folder, `${nth}-lake-snappy.parquet`)
    writeFileSync(ours, writeParquet(table))
    run('lake.mjs', 'zstd', ours, join(folder, `${nth}-lake-zstd.parquet`), 1)
    make(ours, join(folder, String(nth)))
    const plainBytes = plainSize(table)
    const files = WRITERS.flatMap((writer) => COMPRESSIONS.map((compression) => [writer, compression]))
    return [
      { name: `${name}: write`, lake: ['write', ours], polars: ['write', 'sink'], plainBytes },
      ...files.map(([writer, compression]) => ({
        name: `${name}: read ${writer}, ${compression}`,
        lake: ['read', join(folder, `${nth}-${writer}-${compression}.parquet`)],
        polars: ['read', 'scan'],
        plainBytes,
      })),
    ]
  })
  tables.length = 0
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const job of jobs) {
      const [mode, file] = job.lake
      const target = join(folder, 'target.parquet')
      job.ours = merge(job.ours, run('lake.mjs', mode, file, target, TIMES))
      job.theirs ??= new Map()
      for (const form of job.polars) {
        job.theirs.set(form, merge(job.theirs.get(form), run('polars_parquet.py', form, file, target, TIMES)))
      }
      console.error(`round ${round}  ${job.name}`)
    }
  }
  printTable(jobs)
} finally {
  rmSync(folder, { recursive: true })
}

/** The rows of a file in files of all other writers, whose names start with `prefix`. */
function make(file, prefix) {
  const { status, stderr } = spawnSync(python, [here('peers/parquet_files.py'), file, prefix], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

function run(program, mode, file, target, times) {
  const command = program.endsWith('.mjs')
    ? [process.execPath, here(`parquet/${program}`)]
    : [python, here(`peers/${program}`)]
  const { stdout, stderr } = spawnSync(python, [here('measure.py'), ...command, mode, file, target, String(times)], {
    encoding: 'utf8',
    env: { ...process.env, POLARS_MAX_THREADS: '2' },
  })
  const cost = JSON.parse(stderr.trim().split('\n').at(-1))
  if (cost.code !== 0) throw new Error(`${program} ${mode} failed:\n${stderr}${stdout}`)
  const { seconds, cpuSeconds, bytes, rows } = JSON.parse(stdout)
  return {
    seconds: Math.min(...seconds),
    cpu: Math.min(...cpuSeconds),
    first: seconds[0],
    bytes,
    rows,
    peak: cost.peakBytes,
  }
}

function merge(known, found) {
  if (known === undefined) return found
  if (known.rows !== found.rows) throw new Error(`${known.rows} rows, then ${found.rows}`)
  return {
    ...found,
    seconds: Math.min(known.seconds, found.seconds),
    cpu: Math.min(known.cpu, found.cpu),
    first: Math.min(known.first, found.first),
    peak: Math.max(known.peak, found.peak),
  }
}

/** What the columns take in memory: eight bytes a number, four a word's code, one a boolean. */
function plainSize(table) {
  const widths = { Dictionary: 4, Bool: 1 }
  return table.schema.fields.reduce((sum, { type }) => {
    return sum + table.numRows * (widths[String(type).split('<')[0]] ?? 8)
  }, 0)
}

function printTable(jobs) {
  console.log(`${values.rounds} rounds, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`)
  const heads = [
    ...['hot s', 'MB/s', 'polars', 'times', 'CPU s', 'polars', 'times'],
    ...['cold s', 'polars', 'peak MB', 'polars'],
  ]
  console.log(`| job | ${heads.join(' | ')} | file MB | polars |`)
  console.log(`|---|${'--:|'.repeat(heads.length + 2)}`)
  for (const { name, ours, theirs, plainBytes } of jobs) {
    const forms = [...theirs.values()]
    const best = forms.reduce((fast, form) => (form.seconds < fast.seconds ? form : fast))
    const cpu = Math.min(...forms.map((form) => form.cpu))
    const cells = [
      ours.seconds.toFixed(3),
      Math.round(plainBytes / 1e6 / ours.seconds),
      best.seconds.toFixed(3),
      `${(best.seconds / ours.seconds).toFixed(2)}x`,
      ours.cpu.toFixed(3),
      cpu.toFixed(3),
      `${(cpu / ours.cpu).toFixed(2)}x`,
      ours.first.toFixed(3),
      best.first.toFixed(3),
      Math.round(ours.peak / 1e6),
      Math.round(best.peak / 1e6),
      ours.bytes === 0 ? '' : (ours.bytes / 1e6).toFixed(1),
      best.bytes === 0 ? '' : (best.bytes / 1e6).toFixed(1),
    ]
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}
