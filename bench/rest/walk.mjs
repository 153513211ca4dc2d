// Walks over so many rows, in a process of its own, and says what that took.
//
//   node bench/rest/walk.mjs raw|fetch|ingest URL ROWS FOLDER
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { performance } from 'node:perf_hooks'
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { createRateLimiter, createTransport, fetchRange, writePage } from '@lake/ingest-ccxt'
import { openStore } from '@lake/storage'

const [way, url, rowsText, folder] = process.argv.slice(2)
const rows = Number(rowsText)
const start = Date.UTC(2020, 0, 1)
const PAGE = 1000
// The budget of this venue has no end: what is measured is the work, not the wait.
const rest = { ...binance.rest, budgets: binance.rest.budgets.map((budget) => ({ ...budget, weight: 1e12 })) }
const adapter = { ...binance, rest }

let walked = 0
let cpu
let wall
if (way === 'raw') {
  const entry = createRequire(import.meta.resolve('@lake/ingest-ccxt')).resolve('ccxt')
  const { default: Binance } = await import(new URL('../js/src/binance.js', pathToFileURL(entry)).href)
  const exchange = new Binance({ enableRateLimit: false })
  exchange.urls.api.fapiPublic = `${url}/fapi/v1`
  const page = (from) =>
    exchange.fapiPublicGetKlines({ symbol: 'S0USDT', interval: '1m', startTime: from, limit: PAGE })
  await page(start)
  begin()
  while (walked < rows) walked += (await page(start + walked * 60_000)).length
  await end()
} else {
  const transport = createTransport({ baseUrl: url, credentials: () => undefined })
  const limiter = createRateLimiter({ folder: `${folder}/ledger` })
  const target = openStore(`file:${folder}/lake`)
  const dataset = parseDatasetId('binance/um/klines/S0USDT/1m')
  const options = { adapter, dataset, transport, limiter, pageRows: PAGE }
  const over = (count) => fetchRange({ ...options, range: { from: start * 1000, to: (start + count * 60_000) * 1000 } })
  for await (const page of over(1)) void page
  begin()
  for await (const page of over(rows)) {
    if (way === 'ingest') await writePage(target, page)
    walked += (page.envelope.range.to - page.envelope.range.from) / 60_000_000
  }
  await end()
  await transport.close()
}

function begin() {
  cpu = process.cpuUsage()
  wall = performance.now()
}

async function end() {
  const used = process.cpuUsage(cpu)
  const seconds = (performance.now() - wall) / 1000
  const peak = process.resourceUsage().maxRSS / 1024
  process.send({ walked, cpuSeconds: (used.user + used.system) / 1e6, seconds, peakMegabytes: peak })
  process.disconnect()
}
