// Kline zips to Parquet files on two threads, through the public functions of @lake/parse, merge and parquet.
//
// In a bundle, whose threads run worker.js beside it.
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
const zips = zipsIn(source)
const jobs = Array.from({ length: Number(times) }, (_, copy) => zips.map((path) => ({ path, copy }))).flat()
const workers = [0, 1].map(() => {
  return new Worker(new URL('worker.js', import.meta.url), { workerData: { cut, target } })
})

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
await Promise.all(workers.map((worker) => worker.terminate()))

/** Every thread takes the next zip as soon as it is done with one. */
async function convertAll() {
  let rows = 0
  let next = 0
  await Promise.all(
    workers.map(async (worker) => {
      while (next < jobs.length) {
        const job = jobs[next++]
        worker.postMessage(job)
        const [count] = await once(worker, 'message')
        rows += count
      }
    }),
  )
  return rows
}
