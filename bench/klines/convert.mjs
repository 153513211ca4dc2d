// What each thread of the job of lake.mjs does: zips to their Parquet files, through public functions alone.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createColumnMemory, integerValues, microsOf, parseDatasetId, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { parseArchiveFile } from '@lake/parse'

const DAY = 86_400_000_000
const NAME = /([^/]+)-1m-(\d{4}-\d{2})\.zip$/
const memory = createColumnMemory()

/** Takes zips until all threads together have done all of them; gives the number of the rows of this one. */
export async function convertShare({ zips, times, next, cut, target }) {
  let rows = 0
  for (;;) {
    const job = Atomics.add(next, 0, 1)
    if (job >= zips.length * times) return rows
    const copy = Math.floor(job / zips.length)
    rows += await convert(zips[job % zips.length], { copy, cut, target })
  }
}

/** Checks and converts a zip; gives the number of its rows. */
async function convert(path, { copy, cut, target }) {
  const [, symbol, month] = NAME.exec(path)
  const dataset = parseDatasetId(`binance/${path.includes('/spot/') ? 'spot' : 'um'}/klines/${symbol}/1m`)
  const file = { bytes: readFileSync(path), name: path, dataset, period: parsePeriod(month) }
  const { table: parsed } = await parseArchiveFile({ ...file, formats: binance.formats, memory })
  // Sorted and free of duplicates already, or made so.
  const { table } = mergeTables({ dataType: 'klines', inputs: [{ table: parsed, name: path, source: 'archive' }] })
  const stem = join(target, `${symbol}-${copy}-${month}`)
  if (cut === 'month') writeFileSync(`${stem}.parquet`, writeParquet(table))
  else for (const { day, rows } of daysOf(table)) writeFileSync(`${stem}-${day}.parquet`, writeParquet(rows))
  memory.reuse()
  return table.numRows
}

function* daysOf(table) {
  const times = microsOf(integerValues(table, 'ts_event'))
  let from = 0
  for (let row = 1; row <= times.length; row++) {
    if (row < times.length && Math.floor(times[row] / DAY) === Math.floor(times[from] / DAY)) continue
    const day = new Date(times[from] / 1000).toISOString().slice(8, 10)
    yield { day, rows: table.slice(from, row) }
    from = row
  }
}
