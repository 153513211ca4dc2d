// The CPU time of a page by ccxt's raw call, by fetchRange, and by fetchRange with each page put into a folder.
//
//   node bench/rest/overhead.mjs URLS FORM ROUNDS FOLDER
//
// All in one process and in turns of 40 pages: compiled code, the state of the caches and whatever else the machine
// does are the same for neighbours, so a ratio of two neighbours is steady where seconds are not. Their order turns
// round from round to round.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parseDatasetId } from '@lake/core'
import { getExchange } from '@lake/exchanges'
import { createRateLimiter, createTransport, fetchRange, writePage } from '@lake/ingest-ccxt'
import { openStore } from '@lake/storage'
import { FORMS, PAGES } from './forms.mjs'

const [urls, form, roundsText, folder] = process.argv.slice(2)
const rounds = Number(roundsText)
const start = Date.UTC(2020, 0, 1)
const WARM_UP = 6
const { dataset: id, pageRows, step, method, ask, rowsOf } = FORMS[form]
const dataset = parseDatasetId(id)
const url = JSON.parse(urls)[dataset.exchange]
const described = getExchange(dataset.exchange)
// The budget has no end, and the series remembers for ever: what is measured is the work, not the wait.
const budgets = described.rest.budgets.map((budget) => ({ ...budget, weight: 1e12 }))
const series = described.rest.series.map((one) => ({ ...one, reach: undefined }))
const adapter = { ...described, rest: { ...described.rest, budgets, series } }

const entry = createRequire(import.meta.resolve('@lake/ingest-ccxt')).resolve('ccxt')
const { default: Exchange } = await import(new URL(`../js/src/${dataset.exchange}.js`, pathToFileURL(entry)).href)
const exchange = new Exchange({ enableRateLimit: false })
const moveAll = (value) =>
  typeof value === 'string'
    ? value.replace(/^https:\/\/[^/]*/, url)
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, moveAll(one)]))
exchange.urls.api = moveAll(exchange.urls.api)
const transport = createTransport({ baseUrl: url, credentials: () => undefined })
const limiter = createRateLimiter({ folder: `${folder}/ledger` })
const range = { from: start * 1000, to: (start + PAGES * pageRows * step) * 1000 }

/** Walks over the pages, and gives how many requests that took. */
const walk = async (target) => {
  const pages = fetchRange({ adapter, dataset, range, transport, limiter, pageRows })
  for (;;) {
    const { done, value } = await pages.next()
    if (done) {
      if (value.rows < PAGES * pageRows) throw new Error(`${form}: walked ${value.rows} rows`)
      return value.requests
    }
    if (target !== undefined) await writePage(target, value)
  }
}
const ways = {
  raw: async () => {
    for (let page = 0; page < PAGES; page++) {
      const rows = rowsOf(await exchange[method](ask(page)))
      if (rows.length !== pageRows) throw new Error(`${form}: a page of ${rows.length} rows`)
    }
    return PAGES
  },
  fetch: () => walk(),
  // Each time into another folder, since a page that is there already costs less.
  ingest: (round) => walk(openStore(`file:${folder}/lake-${encodeURIComponent(form)}${round}`)),
}

const micros = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
for (let round = -WARM_UP; round < rounds; round++) {
  const turn = Object.entries(ways)
  for (const [way, run] of round % 2 === 0 ? turn : turn.reverse()) {
    const before = process.cpuUsage()
    const requests = await run(round)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) micros[way].push((user + system) / requests)
  }
}
await transport.close()
process.send(micros)
process.disconnect()
