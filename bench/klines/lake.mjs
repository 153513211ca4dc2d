// Kline zips to Parquet files on two threads, through the public functions of @lake/parse, merge and parquet.
//
// In a bundle, whose second thread runs worker.js beside it.
//
//   node lake.js once|hot month|day SOURCE TARGET [TIMES]
//
// `once` does the job and prints the number of rows. `hot` does it for each line on stdin and answers with one line
// of JSON. TIMES does the same zips several times over, into files of their own.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Worker } from 'node:worker_threads'
import { zipsIn } from './zips.mjs'

const [mode, cut, source, target, times = '1'] = process.argv.slice(2)
/** Every thread takes the next zip as soon as it is done with one. */
const next = new Int32Array(new SharedArrayBuffer(4))
const work = { zips: zipsIn(source), times: Number(times), next, cut, target }
const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: work })
// Afterwards, so that both threads load it at once.
const { convertShare } = await import('./convert.mjs')

if (mode === 'once') {
  console.log(await convertAll())
} else {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  while ((await lines.next()).done !== true) {
    const start = performance.now()
    const cpu = process.cpuUsage()
    const rows = await convertAll()
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const peakBytes = process.resourceUsage().maxRSS * 1024
    console.log(JSON.stringify({ rows, seconds, cpuSeconds: (user + system) / 1e6, peakBytes }))
  }
}
await worker.terminate()

async function convertAll() {
  next[0] = 0
  worker.postMessage('start')
  const [own, [others]] = await Promise.all([convertShare(work), once(worker, 'message')])
  return own + others
}
