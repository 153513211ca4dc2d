// Two sorted tables of bars into one, side by side with polars on the same rows: 1.05 million bars, 100,000 of them
// in both.
//
//   npm run build && node bench/merge.mjs [--rounds N]
//
// Rounds are interleaved. `mergeTables` compares the rows that both have, keeps one of each and reports what differed;
// polars' `merge_sorted` alone keeps both, so its second line also drops one.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { constantWord, makeTable, tableSchema, timesOf } from '@lake/core'
import { mergeTables } from '@lake/merge'
import { python } from './python.mjs'
import { formatRows, median } from './rounds.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
if (!existsSync(python)) {
  console.error('The peers are not installed: npm run bench:setup')
  process.exit(1)
}

const FIRST = { from: 0, to: 950_000 }
const SECOND = { from: 850_000, to: 1_050_000 }
const ROWS = 1_050_000
const inputs = [
  { table: bars(FIRST, 'archive'), name: 'archive', source: 'archive' },
  { table: bars(SECOND, 'rest'), name: 'rest', source: 'rest' },
]

const peer = openPeer([FIRST, SECOND].map(({ from, to }) => `${from}:${to}`))
const lake = (tables) => () => {
  const [begin, processor] = [performance.now(), process.cpuUsage()]
  const { table } = mergeTables({ dataType: 'klines', inputs: tables })
  const milliseconds = performance.now() - begin
  const { user, system } = process.cpuUsage(processor)
  if (table.numRows !== ROWS) throw new Error(`${table.numRows} rows instead of ${ROWS}`)
  return { milliseconds, busy: (user + system) / 1000 }
}
const programs = [
  { name: 'mergeTables', run: lake(inputs) },
  { name: 'polars merge_sorted', run: () => peer.ask('merge') },
  { name: 'polars merge_sorted, unique', run: () => peer.ask('unique') },
]
const times = new Map(programs.map(({ name }) => [name, []]))
const busyTimes = new Map(programs.map(({ name }) => [name, []]))
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const { name, run } of programs) {
    const { milliseconds, busy } = await run()
    // The first round warms up.
    if (round === 0) continue
    times.get(name).push(milliseconds)
    busyTimes.get(name).push(busy)
  }
}
peer.close()
console.log(`${ROWS} bars, ${values.rounds} rounds, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`)
for (const [clock, of] of [
  ['By the clock', times],
  ["By the processor, all threads, which another program's work disturbs less", busyTimes],
]) {
  const base = median(of.get('polars merge_sorted'))
  const rows = programs.map(({ name }) => ({ name, times: of.get(name), base }))
  console.log(`${clock}:\n\n${formatRows(rows, 'polars merge_sorted')}\n`)
}

function bars({ from, to }, source) {
  const rows = to - from
  const minutes = Float64Array.from({ length: rows }, (_, row) => from + row)
  const times = (shift) => timesOf(minutes.map((minute) => minute * 60_000_000 + shift))
  const numbers = (column) => minutes.map((minute) => (minute % 9973) + column)
  return makeTable(tableSchema('klines'), {
    ts_event: times(0),
    ts_available: times(60_000_000),
    source: constantWord(source, rows),
    open: numbers(0),
    high: numbers(1),
    low: numbers(2),
    close: numbers(3),
    volume: numbers(4),
    quote_volume: numbers(5),
    trade_count: BigInt64Array.from(minutes, (minute) => BigInt(minute % 1000)),
    taker_buy_volume: numbers(6),
    taker_buy_quote_volume: numbers(7),
    close_time: times(59_999_000),
  })
}

function openPeer(spans) {
  const script = fileURLToPath(new URL('peers/polars_merge.py', import.meta.url))
  const child = spawn(python, [script, ...spans], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`)
      const { value = '' } = await lines.next()
      const [milliseconds, busy] = value.split(' ').map(Number)
      return { milliseconds, busy }
    },
    close: () => child.stdin.end(),
  }
}
