// One archive file, four packages, no lake: parse, resample, add VWAP, print.
import { floatValues, formatInstant, integerValues, parseDatasetId, parsePeriod, readObject } from '@lake/core'
import { addVwap } from '@lake/enrich'
import { binance } from '@lake/exchanges'
import { parseArchiveFile } from '@lake/parse'
import { resampleBars } from '@lake/resample'
import { openStore } from '@lake/storage'

const archive = openStore(new URL('../../fixtures/archive/', import.meta.url).href)
const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const period = parsePeriod('2020-01-03')
const name = binance.archive.key(dataset, period)

const bytes = await readObject(archive, name)
const { table, report } = await parseArchiveFile({ bytes, name, dataset, period, formats: binance.formats })
console.log(`${report.file}: ${report.rows} minutes, times in ${report.timeUnit}`)

const bars = addVwap(resampleBars(table, { from: '1m', to: '4h' }))
const times = integerValues(bars, 'ts_event')
const [open, close, vwap] = ['open', 'close', 'vwap'].map((column) => floatValues(bars, column))
console.log('from                 open    close   vwap')
for (let row = 0; row < bars.numRows; row++) {
  const prices = [open, close, vwap].map((values) => values[row].toFixed(2))
  console.log(formatInstant(Number(times[row])), prices.join(' '))
}
