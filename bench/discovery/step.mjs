// One step on a listing of so many files, which is made up as it is read: nothing of it is in memory before.
import { clearInterval, setInterval } from 'node:timers'
import { binance } from '@lake/exchanges'
import { discoverArchive, planTransfer, scanArchive } from '@lake/ingest-s5cmd'
import { fileStore, memoryStore } from '@lake/storage'

const [step, count, lake] = process.argv.slice(2)
const DAYS = 1000
const days = Array.from({ length: DAYS }, (_, day) => new Date(Date.UTC(2021, 0, 1 + day)).toISOString().slice(0, 10))
const symbols = Array.from({ length: Number(count) / DAYS }, (_, index) => `S${String(index).padStart(4, '0')}USDT`)
const ROOT = 'data/spot/daily/klines/'
const source = { ...memoryStore(), list: listing }
const options = { adapter: binance, source, markets: ['spot'], dataTypes: ['klines'], intervals: ['1m'] }

globalThis.gc()
const before = process.memoryUsage()
const peak = { rss: before.rss, heap: before.heapUsed }
const watch = setInterval(look, 10)
const started = performance.now()
let files = 0
let told = ''
let liveHeap
if (step === 'discovery') {
  for await (const { key } of discoverArchive(options)) if (key !== '' && ++files % 50_000 === 0) collect()
} else if (step === 'plan') {
  // Beside the listing itself, which a plan needs as a whole.
  const found = []
  for await (const file of discoverArchive(options)) found.push(file)
  globalThis.gc()
  Object.assign(before, process.memoryUsage())
  Object.assign(peak, { rss: before.rss, heap: before.heapUsed })
  const began = performance.now()
  const plan = planTransfer({ files: found })
  look()
  files = plan.length
  report((performance.now() - began) / 1000)
} else {
  const counted = (async function* () {
    for await (const file of discoverArchive(options)) {
      if (++files % 50_000 === 0) collect()
      yield file
    }
  })()
  let changes = 0
  const scan = scanArchive({ ...options, lake: fileStore({ root: lake }), files: counted, now: 1 })
  for await (const { key } of scan) if (key !== '') changes++
  told = `${changes} changes,`
}
if (step !== 'plan') report((performance.now() - started) / 1000)

/** What is live, not what waits to be collected; what that takes is small beside the step. */
function collect() {
  look()
  globalThis.gc()
  liveHeap = Math.max(liveHeap ?? 0, process.memoryUsage().heapUsed - before.heapUsed)
}

function look() {
  const { rss, heapUsed } = process.memoryUsage()
  peak.rss = Math.max(peak.rss, rss)
  peak.heap = Math.max(peak.heap, heapUsed)
}

function report(seconds) {
  clearInterval(watch)
  look()
  const heapMegabytes = (liveHeap ?? peak.heap - before.heapUsed) / 1e6
  process.stdout.write(
    JSON.stringify({ seconds, files, told, heapMegabytes, rssMegabytes: (peak.rss - before.rss) / 1e6 }),
  )
}

/** As a server of S3 lists: files and CHECKSUM files in the order of their keys, folders where they are asked for. */
async function* listing({ prefix = '', delimiter } = {}) {
  for (const symbol of symbols) {
    const folder = `${ROOT}${symbol}/1m/`
    if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) continue
    if (delimiter !== undefined && !prefix.startsWith(folder)) {
      const end = folder.indexOf('/', prefix.length) + 1
      yield { key: folder.slice(0, end), size: 0, etag: '', lastModified: 0 }
      // The folders above the symbols are one.
      if (end <= ROOT.length) return
      continue
    }
    for (const day of days) {
      const key = `${folder}${symbol}-1m-${day}.zip`
      if (!key.startsWith(prefix)) continue
      yield { key, size: 60_000, etag: `"${day}${symbol}aaaaaaaaaaaaaa"`, lastModified: 0 }
      yield { key: `${key}.CHECKSUM`, size: 90, etag: `"${symbol}${day}cccccccccccccc"`, lastModified: 0 }
    }
  }
}
