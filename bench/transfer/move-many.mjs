// Moves 10,000 files directly and watches the memory of this process, s5cmd not included.
import { clearInterval, setInterval } from 'node:timers'
import { detectS5cmd, transfer } from '@lake/ingest-s5cmd'
import { parseDatasetId, parsePeriod } from '@lake/core'
import { s3Store } from '@lake/storage'

const [endpoint, path] = process.argv.slice(2)
const open = (bucket) => s3Store({ bucket, endpoint, region: 'us-east-1' })
const [source, target] = [open('many'), open('target')]
const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const period = parsePeriod('2024-01-01')
const files = []
for await (const { key, size, etag } of source.list()) files.push({ key, size, etag, dataset, period })
const { s5cmd } = await detectS5cmd({ path })
// The client of the target is loaded before the baseline is taken: it is there with or without files to move.
await target.head('absent')
globalThis.gc()
const baseline = process.memoryUsage().rss
let peak = baseline
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10)
const report = await transfer({ files, source, target, s5cmd, saveReport: false })
clearInterval(watch)
console.log(`${report.modes.direct} files in ${report.seconds.toFixed(1)} s, ${report.requests} requests by our count`)
console.log(`${((peak - baseline) / 1e6).toFixed(0)} MB above the baseline of ${(baseline / 1e6).toFixed(0)} MB`)
