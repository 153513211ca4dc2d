// Minute bars from the archive to SQL. Run it again: nothing is done twice.
import { openCatalog } from '@lake/catalog'
import { defineLake, runPipeline } from '@lake/pipeline'

const lake = defineLake({ lake: process.argv[2] ?? 'file:./lake-data' })
const report = await runPipeline(lake, {
  // Replace it with https://data.binance.vision to take any other symbol and range.
  source: new URL('../../fixtures/archive/', import.meta.url).href,
  datasets: ['binance/spot/klines/BTCUSDT/1m'],
  gold: ['15m', '1d'],
})
for (const { error } of report.failures) throw error
for (const { id, rows, partitions, skipped, gaps } of report.datasets) {
  console.log(`${id}: ${rows} rows, ${partitions} partitions written, ${skipped} up to date, ${gaps} gaps`)
}

const catalog = await openCatalog({ store: lake.store })
const result = await catalog.query(`
  select interval, count(*) as bars, min(low) as low, max(high) as high, round(sum(volume), 6) as volume
  from bars group by interval order by bars`)
console.table(result.objects())
await catalog.close()
