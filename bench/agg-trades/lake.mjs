// A zip of aggregated trades to one Parquet file on one thread, through the public functions of @lake/parse, merge and
// parquet.
//
//   node lake.mjs once|hot ZIP TARGET
//
// `once` does the job and prints the number of rows. `hot` does it for each line on stdin and answers with one line
// of JSON.
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseDatasetId, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { parseArchiveFile } from '@lake/parse'

const [mode, zip, target] = process.argv.slice(2)
const dataset = parseDatasetId('binance/spot/aggTrades/BTCUSDT')
const period = parsePeriod('2026-01')

if (mode === 'once') {
  console.log(await convert())
} else {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  while ((await lines.next()).done !== true) {
    const start = performance.now()
    const cpu = process.cpuUsage()
    const rows = await convert()
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    console.log(JSON.stringify({ rows, seconds, cpuSeconds: (user + system) / 1e6 }))
  }
}

/** Checks and converts the zip; gives the number of its rows. */
async function convert() {
  const bytes = readFileSync(zip)
  const { table: parsed } = await parseArchiveFile({ bytes, name: zip, dataset, period, formats: binance.formats })
  // Sorted and free of duplicates already, or made so.
  const { table } = mergeTables({ dataType: 'aggTrades', inputs: [{ table: parsed, name: zip, source: 'archive' }] })
  writeFileSync(target, writeParquet(table))
  return table.numRows
}
