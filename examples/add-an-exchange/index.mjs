// An exchange from outside of the packages: a day from its archive, the next one over REST, and trades as they happen.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatValues, parseDatasetId, parseTimeRange } from '@lake/core'
import { ingestRange, readPages, recordLive } from '@lake/ingest-ccxt'
import { parsePageTables } from '@lake/parse'
import { defineLake, runPipeline } from '@lake/pipeline'
import { defineHarbor } from './harbor.mjs'
import { startHarbor } from './server.mjs'

const venue = await startHarbor()
const harbor = defineHarbor(venue.url)
const lake = defineLake({ lake: process.argv[2] ?? 'file:./lake-data', exchanges: [harbor] })
const bars = parseDatasetId('harbor/spot/klines/BTCUSDT/1m')

const report = await runPipeline(lake, {
  source: harbor.archive.url,
  datasets: [bars],
  range: parseTimeRange('2020-01-01', '2020-01-02'),
  gold: ['1h'],
})
for (const { error } of report.failures) throw error
console.log(`archive: ${report.datasets[0].rows} minutes in silver`)

const range = parseTimeRange('2020-01-02', '2020-01-03')
const { rows, pages } = await ingestRange({ adapter: harbor, dataset: bars, range, target: lake.store })
const month = { store: lake.store, dataset: bars, month: '2020-01' }
const { tables } = await parsePageTables({ pages: readPages(month), dataset: bars, series: harbor.rest.series })
console.log(
  `REST: ${rows} minutes in ${pages} pages in bronze, first close ${floatValues(tables[0].table, 'close')[0]}`,
)

const trades = parseDatasetId('harbor/spot/trades/BTCUSDT')
const spool = await mkdtemp(join(tmpdir(), 'harbor-'))
const stop = new AbortController()
setTimeout(() => stop.abort(), 1500)
const recorded = await recordLive({
  adapter: harbor,
  datasets: [trades],
  target: lake.store,
  spool,
  signal: stop.signal,
})
console.log(`live: ${recorded.frames} frames in bronze`)
await rm(spool, { recursive: true })
await venue.close()
