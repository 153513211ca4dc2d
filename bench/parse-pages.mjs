/*
 * Pages of 1,000 klines, as Binance answers with, to typed tables: parsePages beside JSON.parse alone, which keeps no
 * digit safe and no column. Run: node tools/pnpm.mjs --silent build && node bench/parse-pages.mjs [pages]
 */
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { parsePages } from '@lake/parse'

const count = Number(process.argv[2] ?? 1000)
const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
const series = binance.rest.series.filter(({ id }) => id === 'binance-um-klines')
const everything = { from: 0, to: Number.MAX_SAFE_INTEGER }

const bodies = Array.from({ length: count }, (_, page) => Buffer.from(JSON.stringify(rowsOf(page))))
const bytes = bodies.reduce((sum, body) => sum + body.length, 0)
const pages = bodies.map((body) => ({
  envelope: {
    ...{ dataset, series: series[0].id, request: { method: 'bench', parameters: {} }, range: everything },
    ...{ requestedAt: 0, receivedAt: 0, asOf: Number.MAX_SAFE_INTEGER, status: 200, headers: {}, sha256: '0' },
  },
  body,
}))

await ours()
theirs()
for (let round = 0; round < 3; round++) {
  report('parsePages', await timed(ours))
  report('JSON.parse', await timed(theirs))
}

function rowsOf(page) {
  return Array.from({ length: 1000 }, (_, row) => {
    const time = 1_600_000_000_000 + (page * 1000 + row) * 60_000
    const price = (offset) => (20_000 + ((row * 7919 + page * 31 + offset) % 9973) / 10).toFixed(2)
    const size = (offset) => (((row * 104_729 + offset) % 999_983) / 1000).toFixed(3)
    return [
      ...[time, price(1), price(2), price(3), price(4), size(5), time + 59_999, size(6), row % 977],
      ...[size(7), size(8), '0'],
    ]
  })
}

async function ours() {
  let rows = 0
  for await (const { table } of parsePages({ pages, dataset, series })) rows += table.numRows
  if (rows !== count * 1000) throw new Error(`${rows} rows`)
}

function theirs() {
  let rows = 0
  for (const body of bodies) rows += JSON.parse(body.toString('utf8')).length
  if (rows !== count * 1000) throw new Error(`${rows} rows`)
}

async function timed(work) {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

function report(what, seconds) {
  const rate = (count * 1000) / seconds / 1e6
  console.log(`${what}  ${rate.toFixed(2)} M rows/s  ${(bytes / seconds / 1e6).toFixed(0)} MB/s`)
}
