// Monthly zips of 1-minute klines to Parquet, side by side with polars on two threads: checked, sorted, with snappy.
//
//   npm run bench:klines -- [SOURCE] [--rounds N] [--growth]
//
// SOURCE is a folder with such zips and no others, in Binance's archive or a copy of it; without it, 24 months of invented spot klines
// (1,052,640 rows) are written once to .tools/bench-klines. Hot: every program does the job again and again in one
// process, and the first two times do not count. Whole: a new process each time. Ours is bundled, one file for the
// program and one for its threads, as applications ship their code. Rounds are interleaved, so that
// whatever else the machine does befalls everybody; processor time says more than seconds where it does much. `lake
// run` also verifies every sha256, keeps the raw files, looks for gaps and commits. `--growth` does the job once and
// ten times over, and so says what ten times the rows cost.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseDatasetId, parseInstant } from '@lake/core'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { openStore } from '@lake/storage'
import { bundle } from './bundle.mjs'
import { zipsIn } from './klines/zips.mjs'
import { python } from './python.mjs'
import { median } from './rounds.mjs'

/** Where an archive has its monthly klines, behind its root. */
const IN_ARCHIVE = /\/data\/(?:futures\/)?(spot|um)\/monthly\/klines\/([^/]+)\/1m\/[^/]+\.zip$/
const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, growth: { type: 'boolean' } },
  allowPositionals: true,
})
if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}
const source = positionals[0] === undefined ? await inventedArchive() : resolve(positionals[0])
const zips = zipsIn(source)
const bundles = bundle('klines', 'lake.mjs', 'worker.mjs')
const scratch = mkdtempSync(join(tmpdir(), 'lake-klines-'))
const peer = (form) => [python, here('peers/polars_klines.py'), form]
const PROGRAMS = [
  { name: 'lake', command: [process.execPath, join(bundles, 'lake.js')], isLake: true },
  { name: 'polars, file by file', command: peer('each') },
  { name: 'polars, two threads', command: peer('threads') },
  { name: 'polars, two lazy threads', command: peer('lazy') },
]

try {
  console.log(`${zips.length} zips, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`)
  if (values.growth === true) measureGrowth()
  else {
    for (const cut of ['month', 'day']) {
      report(`hot, ${cut} files`, await measureHot(cut))
      report(`whole process, ${cut} files`, measureWhole(cut))
    }
  }
} finally {
  rmSync(scratch, { recursive: true })
}

async function measureHot(cut) {
  const processes = PROGRAMS.map(({ name, command, isLake }) => {
    const target = emptyFolder()
    const [program, ...args] = isLake
      ? [...command, 'hot', cut, source, target]
      : [...command, source, target, 'hot', cut]
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return { name, isLake, target, child, answers, runs: [] }
  })
  for (let round = -2; round < Number(values.rounds); round++) {
    for (const { child, answers, runs } of processes) {
      child.stdin.write('\n')
      const run = JSON.parse((await answers.next()).value)
      if (round >= 0) runs.push(run)
    }
  }
  for (const { child } of processes) child.stdin.end()
  checkSame(processes)
  return processes.map(({ target, ...rest }) => ({ ...rest, bytes: sizeOf(target) }))
}

function measureWhole(cut) {
  const archive = zips[0].slice(0, zips[0].search(IN_ARCHIVE))
  const datasets = [...new Set(zips.map(datasetOf))]
  const lakeRun = (target) => [
    ...[process.execPath, here('../packages/cli/bin/lake.js'), 'run', '--lake', `file:${target}`],
    ...['--source', `file:${archive}`, '--gold', 'none', '--json'],
    ...datasets.flatMap((dataset) => ['--dataset', dataset]),
  ]
  const programs = PROGRAMS.map(({ name, command, isLake }) => ({
    name,
    isLake,
    commandOf: (target) =>
      isLake ? [...command, 'once', cut, source, target] : [...command, source, target, 'once', cut],
    runs: [],
  }))
  if (cut === 'month') programs.push({ name: 'lake run', isLake: true, commandOf: lakeRun, runs: [] })
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const program of programs) {
      const target = emptyFolder()
      program.runs.push(measure(program.commandOf(target)))
      program.bytes = sizeOf(target, 'silver')
      rmSync(target, { recursive: true })
    }
  }
  return programs
}

function measureGrowth() {
  const rows = []
  for (const { name, command, isLake } of PROGRAMS) {
    const cost = (times) => {
      const target = emptyFolder()
      const all = isLake
        ? [...command, 'once', 'month', source, target, times]
        : [...command, source, target, 'once', 'month', times]
      const run = measure(all)
      rmSync(target, { recursive: true })
      return run
    }
    const runs = Array.from({ length: Number(values.rounds) }, () => ({ one: cost('1'), ten: cost('10') }))
    const least = (of, what) => Math.min(...runs.map((run) => run[of][what]))
    rows.push(
      `| ${name} | ${least('one', 'cpuSeconds').toFixed(2)} | ${least('ten', 'cpuSeconds').toFixed(2)} | ` +
        `${(least('ten', 'cpuSeconds') / least('one', 'cpuSeconds')).toFixed(1)} | ` +
        `${(least('ten', 'seconds') / least('one', 'seconds')).toFixed(1)} | ` +
        `${megabytes(least('one', 'peakBytes'))} | ${megabytes(least('ten', 'peakBytes'))} |`,
    )
  }
  console.log(`\nTen times the rows, whole processes, least of ${values.rounds} rounds\n`)
  console.log('| program | CPU s of 1x | CPU s of 10x | CPU ratio | wall ratio | peak MB of 1x | of 10x |')
  console.log(`|---|--:|--:|--:|--:|--:|--:|\n${rows.join('\n')}`)
}

function report(title, programs) {
  const cost = (runs, what) => ({
    least: Math.min(...runs.map((run) => run[what])),
    median: median(runs.map((run) => run[what])),
  })
  const rows = programs.map(({ name, isLake, runs, bytes }) => ({
    ...{ name, isLake, bytes, peak: Math.max(...runs.map(({ peakBytes }) => peakBytes)) },
    wall: cost(runs, 'seconds'),
    cpu: cost(runs, 'cpuSeconds'),
  }))
  const peers = rows.filter(({ isLake }) => isLake !== true)
  const best = (value) => Math.min(...peers.map(value))
  console.log(`\n${title}, ${values.rounds} rounds; times as fast as the fastest polars of the column\n`)
  console.log('| program | wall s | times | CPU s, least | times | size MB | of theirs | peak MB |')
  console.log('|---|--:|--:|--:|--:|--:|--:|--:|')
  for (const { name, wall, cpu, bytes, peak } of rows) {
    console.log(
      `| ${name} | ${wall.median.toFixed(3)} | ${(best((row) => row.wall.median) / wall.median).toFixed(2)} | ` +
        `${cpu.least.toFixed(3)} | ${(best((row) => row.cpu.least) / cpu.least).toFixed(2)} | ` +
        `${megabytes(bytes)} | ${(bytes / best((row) => row.bytes)).toFixed(2)} | ${megabytes(peak)} |`,
    )
  }
}

/** Every program has written the same rows. */
function checkSame(processes) {
  const folders = processes.map(({ target }) => target)
  const { status, stdout, stderr } = spawnSync(python, [here('peers/same_klines.py'), ...folders], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The programs wrote different rows:\n${stdout}${stderr}`)
}

function measure(command) {
  const { stdout, stderr } = spawnSync(python, [here('measure.py'), ...command], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const cost = JSON.parse(stderr.trim().split('\n').at(-1))
  if (cost.code !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr}${stdout}`)
  return cost
}

/** The bytes of the Parquet files below, or of those in a folder of it where there is one. */
function sizeOf(folder, inside = '.') {
  const root = existsSync(join(folder, inside)) ? join(folder, inside) : folder
  const files = readdirSync(root, { recursive: true }).filter((path) => path.endsWith('.parquet'))
  return files.reduce((sum, path) => sum + statSync(join(root, path)).size, 0)
}

function emptyFolder() {
  return mkdtempSync(join(scratch, 'target-'))
}

function megabytes(count) {
  return Math.round(count / 1e6)
}

function datasetOf(path) {
  const match = IN_ARCHIVE.exec(path)
  if (match === null)
    throw new Error(`${path} is not where an archive has its monthly klines: data/…/klines/SYMBOL/1m/`)
  return `binance/${match[1]}/klines/${match[2]}/1m`
}

async function inventedArchive() {
  const folder = here('../.tools/bench-klines')
  if (existsSync(folder)) return folder
  mkdirSync(folder, { recursive: true })
  const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
  const target = openStore(`file:${folder}`)
  await generateKlineArchive({ target, dataset, from: parseInstant('2023-01-01'), months: 24, seed: 1, level: 6 })
  return folder
}
