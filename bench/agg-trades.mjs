// Two million aggregated trades from a zip to one Parquet file, side by side with polars: checked, sorted, with snappy.
//
//   npm run bench:agg-trades -- [--rounds N]
//
// Hot: every program does the job again and again in one process, and the first two times do not count. Whole: a new
// process each time; ours is a bundle of one file. Rounds are interleaved, so that whatever else the machine does
// befalls everybody. We use one thread, polars two; of polars' two ways the faster one counts, column by column. The
// rows are compared at the end.
import { spawn, spawnSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { floatValues, integerValues, wordValues } from '@lake/core'
import { bundle } from './bundle.mjs'
import { inventedAggTrades } from './parquet/invented-tables.mjs'
import { python } from './python.mjs'
import { median } from './rounds.mjs'

const ROWS = 2_000_000
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } })
const rounds = Number(values.rounds)
if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'lake-agg-trades-'))
const zip = join(folder, 'BTCUSDT-aggTrades-2026-01.zip')
const program = join(bundle('agg-trades', 'lake.mjs'), 'lake.js')
const peer = (form) => (mode, target) => [python, here('peers/polars_agg_trades.py'), form, mode, zip, target]
const PROGRAMS = [
  { name: 'lake', command: (mode, target) => [process.execPath, program, mode, zip, target] },
  { name: 'polars, eager', command: peer('eager') },
  { name: 'polars, lazy', command: peer('lazy') },
]
const targets = PROGRAMS.map((_, nth) => join(folder, `${nth}.parquet`))
const env = { ...process.env, POLARS_MAX_THREADS: '2' }

try {
  await writeZip()
  console.log(`${ROWS} rows, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`)
  report('hot', await measureHot())
  report('whole process', measureWhole())
  for (const other of targets.slice(1)) {
    const { status, stderr } = spawnSync(python, [here('peers/polars_agg_trades.py'), 'same', targets[0], other])
    if (status !== 0) throw new Error(String(stderr))
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function measureHot() {
  const processes = PROGRAMS.map(({ command }, nth) => {
    const [program, ...args] = command('hot', targets[nth])
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
    return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator](), runs: [] }
  })
  for (let round = -2; round < rounds; round++) {
    for (const { child, answers, runs } of processes) {
      child.stdin.write('\n')
      const run = JSON.parse((await answers.next()).value)
      if (run.rows !== ROWS) throw new Error(`${run.rows} rows`)
      if (round >= 0) runs.push(run)
    }
  }
  for (const { child } of processes) child.stdin.end()
  return processes.map(({ runs }) => runs)
}

function measureWhole() {
  const all = PROGRAMS.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [nth, { command }] of PROGRAMS.entries()) {
      const program = [here('measure.py'), ...command('once', targets[nth])]
      const { stdout, stderr } = spawnSync(python, program, { encoding: 'utf8', env })
      const cost = JSON.parse(stderr.trim().split('\n').at(-1))
      if (cost.code !== 0 || Number(stdout) !== ROWS) throw new Error(stderr + stdout)
      all[nth].push(cost)
    }
  }
  return all
}

function report(title, all) {
  const rows = PROGRAMS.map(({ name }, nth) => ({
    name,
    wall: median(all[nth].map(({ seconds }) => seconds)),
    cpu: Math.min(...all[nth].map(({ cpuSeconds }) => cpuSeconds)),
    bytes: statSync(targets[nth]).size,
    peak: Math.max(...all[nth].map(({ peakBytes = 0 }) => peakBytes)),
  }))
  const best = (what) => Math.min(...rows.slice(1).map((row) => row[what]))
  console.log(`\n${title}, ${rounds} rounds; times as fast as the faster polars of the column\n`)
  console.log('| program | wall s, median | times | CPU s, least | times | size MB | of theirs | peak MB |')
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|')
  for (const { name, wall, cpu, bytes, peak } of rows) {
    const cells = [
      ...[wall.toFixed(3), (best('wall') / wall).toFixed(2), cpu.toFixed(3), (best('cpu') / cpu).toFixed(2)],
      ...[(bytes / 1e6).toFixed(1), (bytes / best('bytes')).toFixed(2), peak === 0 ? '' : Math.round(peak / 1e6)],
    ]
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
}

/** The trades as the archive has them, with times in microseconds and all decimals written out. */
async function writeZip() {
  const table = inventedAggTrades(ROWS)
  const [prices, sizes] = ['price', 'size'].map((name) => floatValues(table, name))
  const [ids, firsts, lasts] = ['agg_trade_id', 'first_trade_id', 'last_trade_id'].map((name) =>
    integerValues(table, name),
  )
  const sides = wordValues(table, 'side')
  const csv = join(folder, 'BTCUSDT-aggTrades-2026-01.csv')
  const out = createWriteStream(csv)
  const start = 1_767_225_600_000_000n
  const firstTime = integerValues(table, 'ts_event')[0]
  const times = integerValues(table, 'ts_event')
  for (let from = 0; from < ROWS; from += 50_000) {
    let lines = ''
    for (let row = from; row < from + 50_000; row++) {
      const maker = sides.words[sides.codes[row]] === 'sell' ? 'True' : 'False'
      const numbers = `${ids[row]},${prices[row].toFixed(8)},${sizes[row].toFixed(8)},${firsts[row]},${lasts[row]}`
      lines += `${numbers},${start + times[row] - firstTime},${maker},True\n`
    }
    out.write(lines)
  }
  out.end()
  await finished(out)
  const { status, stderr } = spawnSync(python, ['-m', 'zipfile', '-c', zip, csv])
  if (status !== 0) throw new Error(String(stderr))
}
