// Trades from the archive to bars that nobody published: 5 minutes of a coin-margined contract, with VWAP.
import { openCatalog } from '@lake/catalog'
import { defineLake, runPipeline } from '@lake/pipeline'

const lake = defineLake({ lake: process.argv[2] ?? 'file:./lake-data' })
const report = await runPipeline(lake, {
  source: new URL('../../fixtures/archive/', import.meta.url).href,
  datasets: ['binance/cm/aggTrades/BTCUSD_PERP'],
  gold: ['5m', '1h'],
})
for (const { error } of report.failures) throw error
for (const { id, rows, partitions, skipped } of report.datasets) {
  console.log(`${id}: ${rows} rows, ${partitions} partitions written, ${skipped} up to date`)
}

const catalog = await openCatalog({ store: lake.store })
const busiest = await catalog.query(`
  select ts_event, open, close, volume as contracts, trade_count, round(vwap, 2) as vwap,
         round(100 * taker_buy_volume / volume, 1) as bought_percent
  from bars where interval = '5m' order by volume desc limit 5`)
console.table(busiest.objects())
await catalog.close()
