// Parquet read and written, side by side with polars on two threads: a million bars and two million trades.
//
//   npm run -s bench:parquet -- [--rounds N] [--writer NAME]
//
// Read from files of ours, polars, pyarrow and DuckDB, compressed and plain, each by its path; written with snappy.
//
// Every program is one process that lives as long as the bench, so all are warm. In each round every one does a job
// twice, one right after the other: whatever else the machine does befalls everybody. Of polars' two ways, and of our two
// tries, the faster one counts, for the processor's seconds and for those of the clock. We read in one thread, to where the
// last table lay, as polars' allocator does it too; in two threads, as polars; and in new memory, `fresh`, in a process of
// its own, whose garbage is nobody else's. A cell is the median of all rounds, `times` the median of what polars took over
// what we took in a round: of processor's seconds in one thread, of the clock's in two.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeParquet } from '@lake/parquet'
import { inventedAggTrades, inventedBars } from './parquet/invented-tables.mjs'
import { python } from './python.mjs'
import { median } from './rounds.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, writer: { type: 'string' } } })
const FILES = [
  ...['lake-snappy', 'lake-zstd'],
  ...['polars-snappy', 'polars-zstd', 'polars-plain'],
  ...['pyarrow-snappy', 'pyarrow-zstd', 'pyarrow-plain'],
  ...['duckdb-snappy', 'duckdb-zstd'],
].filter((file) => file.startsWith(values.writer ?? ''))

if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'lake-parquet-'))
const ours = startProgram(process.execPath, here('parquet/lake.mjs'))
const fresh = startProgram(process.execPath, here('parquet/lake.mjs'))
const theirs = startProgram(python, here('peers/polars_parquet.py'))
try {
  const tables = [
    ['bars', inventedBars(1_051_165)],
    ['trades', inventedAggTrades(2_000_000)],
  ]
  const jobs = []
  for (const [name, table] of tables) {
    const prefix = join(folder, name)
    const file = `${prefix}-lake-snappy.parquet`
    writeFileSync(file, writeParquet(table))
    await ours.run('zstd', file, `${prefix}-lake-zstd.parquet`)
    makeOthers(file, prefix)
    const target = join(folder, 'target.parquet')
    for (const from of FILES) {
      const path = `${prefix}-${from}.parquet`
      jobs.push({
        name: `${name}: read ${from.replace('-', ', ')}`,
        lake: ['read', 'threads'],
        hasFresh: true,
        polars: ['read', 'scan'],
        files: [path],
        rounds: [],
      })
      // Nobody else compares checksums, nor do other writers make any as they are used here.
      if (!from.startsWith('lake')) continue
      jobs.push({
        name: `${name}: read ${from.replace('-', ', ')}, no checksums`,
        lake: ['ignore', 'ignore-threads'],
        polars: ['read', 'scan'],
        files: [path],
        rounds: [],
      })
    }
    jobs.push({
      name: `${name}: write, snappy`,
      lake: ['write'],
      polars: ['write', 'sink'],
      files: [file, target],
      rounds: [],
    })
  }
  tables.length = 0
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const { name, lake, hasFresh, polars, files, rounds } of jobs) {
      const our = []
      const their = []
      for (const form of lake) our.push(best(await ours.run(form, ...files), await ours.run(form, ...files)))
      for (const form of polars) their.push(await theirs.run(form, ...files))
      if (their.some(({ rows }) => rows !== our[0].rows)) throw new Error(`${name}: not ${our[0].rows} rows`)
      const anew = hasFresh ? best(await fresh.run('fresh', ...files), await fresh.run('fresh', ...files)) : undefined
      // The first round warms everybody up.
      if (round > 0) rounds.push({ our, anew, their: best(...their) })
    }
    console.error(`round ${round} of ${values.rounds}`)
  }
  printTable(jobs)
} finally {
  ours.end()
  fresh.end()
  theirs.end()
  rmSync(folder, { recursive: true })
}

/** The rows of a file in files of all other writers, whose names start with `prefix`. */
function makeOthers(file, prefix) {
  const { status, stderr } = spawnSync(python, [here('peers/parquet_files.py'), file, prefix], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** A program that does what each line of its input says, and answers with a line of JSON. */
function startProgram(...command) {
  const [program, ...args] = command
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, POLARS_MAX_THREADS: '2' },
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run(...words) {
      child.stdin.write(`${words.join('\t')}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`${command.join(' ')} ended at ${words.join(' ')}`)
      return JSON.parse(value)
    },
    end: () => child.stdin.end(),
  }
}

function printTable(jobs) {
  const load = loadavg()[0].toFixed(1)
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model}`
  console.log(`${values.rounds} rounds, Node ${process.version}, ${machine}, load ${load}\n`)
  const heads = ['CPU s', 'fresh', 'polars', 'times', 'wall s', '2 threads', 'polars', 'times', 'MB', 'polars']
  console.log(`| job | ${heads.join(' | ')} |`)
  console.log(`| --- |${' --: |'.repeat(heads.length)}`)
  for (const { name, rounds } of jobs) {
    const [one, two = one] = [0, 1].map((form) => rounds.map(({ our }) => our[form])).filter(([first]) => first)
    const anew = rounds.map((round) => round.anew)
    const costs = [
      ...[shown(one, 'cpuSeconds'), shown(anew, 'cpuSeconds'), ...compared(one, rounds, 'cpuSeconds')],
      ...[shown(one, 'seconds'), two === one ? '' : shown(two, 'seconds'), ...compared(two, rounds, 'seconds')],
    ]
    const [{ our, their }] = rounds
    const sizes = [our[0].bytes, their.bytes].map((bytes) => (bytes === undefined ? '' : (bytes / 1e6).toFixed(1)))
    console.log(`| ${[name, ...costs, ...sizes].join(' | ')} |`)
  }
}

/** Of two runs the least of each cost. */
function best(one, other) {
  const least = (cost) => Math.min(one[cost], other[cost])
  return { ...one, seconds: least('seconds'), cpuSeconds: least('cpuSeconds') }
}

function shown(forms, cost) {
  return forms[0] === undefined ? '' : median(forms.map((form) => form[cost])).toFixed(3)
}

/** What polars took, and how many times as fast we were. */
function compared(our, rounds, cost) {
  const their = rounds.map((round) => round.their[cost])
  const times = median(our.map((form, nth) => their[nth] / form[cost]))
  return [median(their).toFixed(3), `${times.toFixed(2)}x`]
}
