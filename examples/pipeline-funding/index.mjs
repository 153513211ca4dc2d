// Funding events from the archive to what a position paid a day.
import { openCatalog } from '@lake/catalog'
import { defineLake, runPipeline } from '@lake/pipeline'

const lake = defineLake({ lake: process.argv[2] ?? 'file:./lake-data' })
const report = await runPipeline(lake, {
  source: new URL('../../fixtures/archive/', import.meta.url).href,
  datasets: ['binance/um/fundingRate/BTCUSDT'],
  gold: ['1d'],
})
for (const { error } of report.failures) throw error
for (const { id, rows, partitions, skipped, gaps } of report.datasets) {
  console.log(`${id}: ${rows} events, ${partitions} partitions written, ${skipped} up to date, ${gaps} gaps`)
}

const catalog = await openCatalog({ store: lake.store })
const dearest = await catalog.query(`
  select strftime(ts_event, '%Y-%m-%d') as day, funding_count as events,
         round(10000 * funding_rate_sum, 4) as basis_points
  from funding order by abs(funding_rate_sum) desc limit 5`)
console.table(dearest.objects())
await catalog.close()
