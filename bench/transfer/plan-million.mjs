// Plans a million files: which to take, and how. Memory is what is live above the listing itself.
import { parseDatasetId, parsePeriod } from '@lake/core'
import { chooseMode, planTransfer } from '@lake/ingest-s5cmd'

const COUNT = 1_000_000
const periods = Array.from({ length: 1000 }, (_, day) => {
  return parsePeriod(new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10))
})
const files = []
for (let symbol = 0; symbol < COUNT / periods.length; symbol++) {
  const dataset = parseDatasetId(`binance/spot/klines/S${symbol}USDT/1m`)
  const folder = `data/spot/daily/klines/S${symbol}USDT/1m/S${symbol}USDT-1m-`
  for (const period of periods) {
    const key = decoded(`${folder}${period.label}.zip`)
    files.push({ key, dataset, period, size: 60_000, etag: '', checksumKey: `${key}.CHECKSUM` })
  }
}
const end = { kind: 's3', prefix: '', endpoint: 'http://127.0.0.1:1', signedBy: 'environment' }
globalThis.gc()
const before = process.memoryUsage()
let peak = before.rss
const started = performance.now()
const plan = planTransfer({ files })
const planned = performance.now()
peak = Math.max(peak, process.memoryUsage().rss)
const slowest = { batch: 0 }
for (let start = 0; start < plan.length; start += 1000) {
  const batch = plan.slice(start, start + 1000)
  const began = performance.now()
  chooseMode({ files: batch, source: { ...end, bucket: 'a' }, target: { ...end, bucket: 'b' }, s5cmd: true })
  slowest.batch = Math.max(slowest.batch, performance.now() - began)
}
const seconds = (performance.now() - started) / 1000
peak = Math.max(peak, process.memoryUsage().rss)
console.log(
  `${plan.length} files: ${((planned - started) / 1000).toFixed(2)} s to plan, ${seconds.toFixed(2)} s with the modes`,
)
console.log(
  `${((peak - before.rss) / 1e6).toFixed(0)} MB above the listing, which itself has ${(before.rss / 1e6).toFixed(0)} MB`,
)
console.log(`the slowest batch of 1000 took ${slowest.batch.toFixed(2)} ms to decide`)

/** A text as a listing gives it, in one piece: V8 keeps glued ones in pieces, and joins them when they are first read. */
function decoded(text) {
  return Buffer.from(text).toString()
}
