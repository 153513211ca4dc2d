// The CPU time of a page by ccxt's raw call, by fetchRange, and by fetchRange with each page put into a folder.
//
//   node bench/rest/overhead.mjs URL ROUNDS FOLDER
//
// All in one process and in turns of 40 pages: compiled code, the state of the caches and whatever else the machine
// does are the same for neighbours, so a ratio of two neighbours is steady where seconds are not. Their order turns
// round from round to round.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { createRateLimiter, createTransport, fetchRange, writePage } from '@lake/ingest-ccxt'
import { openStore } from '@lake/storage'

const [url, roundsText, folder] = process.argv.slice(2)
const rounds = Number(roundsText)
const start = Date.UTC(2020, 0, 1)
// Forty pages of a thousand minutes lie in one month.
const [PAGE, PAGES, WARM_UP] = [1000, 40, 6]
const rest = { ...binance.rest, budgets: binance.rest.budgets.map((budget) => ({ ...budget, weight: 1e12 })) }
const adapter = { ...binance, rest }

const entry = createRequire(import.meta.resolve('@lake/ingest-ccxt')).resolve('ccxt')
const { default: Binance } = await import(new URL('../js/src/binance.js', pathToFileURL(entry)).href)
const exchange = new Binance({ enableRateLimit: false })
exchange.urls.api.fapiPublic = `${url}/fapi/v1`
const transport = createTransport({ baseUrl: url, credentials: () => undefined })
const limiter = createRateLimiter({ folder: `${folder}/ledger` })
const dataset = parseDatasetId('binance/um/klines/S0USDT/1m')
const range = { from: start * 1000, to: (start + PAGES * PAGE * 60_000) * 1000 }

const walk = async (target) => {
  let rows = 0
  for await (const page of fetchRange({ adapter, dataset, range, transport, limiter, pageRows: PAGE })) {
    if (target !== undefined) await writePage(target, page)
    rows += (page.envelope.range.to - page.envelope.range.from) / 60_000_000
  }
  return rows
}
const ways = {
  raw: async () => {
    let rows = 0
    while (rows < PAGES * PAGE) {
      const parameters = { symbol: 'S0USDT', interval: '1m', startTime: start + rows * 60_000, limit: PAGE }
      rows += (await exchange.fapiPublicGetKlines(parameters)).length
    }
    return rows
  },
  fetch: () => walk(),
  // Each time into another folder, since a page that is there already costs less.
  ingest: (round) => walk(openStore(`file:${folder}/lake${round}`)),
}

const micros = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
for (let round = -WARM_UP; round < rounds; round++) {
  const turn = Object.entries(ways)
  for (const [way, run] of round % 2 === 0 ? turn : turn.reverse()) {
    const before = process.cpuUsage()
    const rows = await run(round)
    const { user, system } = process.cpuUsage(before)
    if (rows !== PAGES * PAGE) throw new Error(`${way} walked ${rows} rows`)
    if (round >= 0) micros[way].push((user + system) / PAGES)
  }
}
await transport.close()
process.send(micros)
process.disconnect()
