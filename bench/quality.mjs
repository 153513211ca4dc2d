// What looking at bars costs, side by side with a plain scan of the columns looked at.
//
//   npm run build && node bench/quality.mjs [--rounds N]
//
// The scan adds up every value of the columns in one loop each: reading alone. Rounds are interleaved.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { constantWord, floatValues, integerValues, makeTable, tableSchema, timesOf } from '@lake/core'
import { checkTable, contractFor, findGaps, measureBars } from '@lake/quality'
import { formatRows } from './rounds.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' } } })
const MINUTE = 60_000_000
const START = 1_600_000_020 * 1e6

const manyTimes = openTimes(10_000_000, (row) => row % 1_000_000 === 77)
const range = { from: START, to: START + 10_000_000 * MINUTE }
const table = bars(1_000_000)
const contract = contractFor('klines', { interval: '1m' })

const gapPrograms = [
  { name: 'scan of the times', run: () => scanHalves(manyTimes) },
  { name: 'findGaps', run: () => expectEqual(findGaps(manyTimes, { interval: '1m', range }).length, 10) },
]
// A venue that leaves out bars without trades: two of three are not there.
const thinTimes = openTimes(10_000_000, (row) => row % 3 !== 0)
const thinPrograms = [
  { name: 'scan of the times', run: () => scanHalves(thinTimes) },
  {
    name: 'measureBars, no trades',
    run: () =>
      expectEqual(
        measureBars(thinTimes, { interval: '1m', range, omitsEmptyBars: true }).noTrades.stretches,
        3_333_333,
      ),
  },
]
const checkPrograms = [
  { name: 'scan of the columns', run: () => scanColumns(table) },
  { name: 'checkTable', run: () => expectEqual(checkTable(table, contract).violations.length, 0) },
]

console.log(`${values.rounds} rounds, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`)
compare('10,000,000 bars with 10 gaps', gapPrograms)
compare('3,333,334 bars with 3,333,333 holes', thinPrograms)
compare(`1,000,000 bars, ${contract.checks.length} checks`, checkPrograms)

function compare(title, programs) {
  const times = programs.map(() => [])
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [index, { run }] of programs.entries()) {
      const begin = performance.now()
      run()
      // The first round warms up.
      if (round > 0) times[index].push(performance.now() - begin)
    }
  }
  const middle = times[0].toSorted((a, b) => a - b)[times[0].length >> 1]
  const rows = programs.map(({ name }, index) => ({ name, times: times[index], base: middle }))
  console.log(`\n${title}\n\n${formatRows(rows, 'the scan')}`)
}

/** Each time as a double, added up: int64 values cannot be read cheaper. */
function scanHalves(times) {
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2)
  let sum = 0
  for (let half = 0; half < halves.length; half += 2) sum += halves[half + 1] * 4_294_967_296 + (halves[half] >>> 0)
  return sum
}

function scanColumns(of) {
  let sum = 0
  for (const { name, type } of of.schema.fields) {
    if (name === 'source') continue
    if (String(type).startsWith('Float')) sum += scanFloats(floatValues(of, name))
    else sum += scanHalves(integerValues(of, name))
  }
  return sum
}

function scanFloats(floats) {
  let sum = 0
  for (let row = 0; row < floats.length; row++) sum += floats[row]
  return sum
}

function openTimes(rows, isMissing) {
  const opens = []
  for (let row = 0; row < rows; row++) if (!isMissing(row)) opens.push(START + row * MINUTE)
  return timesOf(Float64Array.from(opens))
}

function bars(rows) {
  const opens = Float64Array.from({ length: rows }, (_, row) => START + row * MINUTE)
  const close = opens.map((_, row) => 100 + Math.sin(row / 500) * 10)
  const open = close.map((value, row) => (row === 0 ? value : close[row - 1]))
  const volume = opens.map((_, row) => 1 + (row % 7))
  const quote = volume.map((value, row) => value * ((open[row] + close[row]) / 2))
  return makeTable(tableSchema('klines'), {
    ts_event: timesOf(opens),
    ts_available: timesOf(opens.map((time) => time + MINUTE)),
    source: constantWord('archive', rows),
    open,
    high: open.map((value, row) => Math.max(value, close[row])),
    low: open.map((value, row) => Math.min(value, close[row])),
    close,
    volume,
    quote_volume: quote,
    trade_count: BigInt64Array.from(volume, (value) => BigInt(value)),
    taker_buy_volume: volume.map((value) => value / 2),
    taker_buy_quote_volume: quote.map((value) => value / 2),
    close_time: timesOf(opens.map((time) => time + MINUTE - 1000)),
  })
}

function expectEqual(found, wanted) {
  if (found !== wanted) throw new Error(`${found} instead of ${wanted}`)
}
