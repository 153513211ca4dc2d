// What REST ingestion costs beside ccxt's own raw call, and how well it uses a budget; a venue on this machine serves.
//
//   npm run build && node bench/rest.mjs [--rounds N] [--rows N] [--seconds N]
//
// Rounds are interleaved, so that whatever else the machine does befalls everybody. Every walk and the venue are
// processes of their own. CPU time is user and system of the walking process, without loading and the first page.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
  },
})
const [rounds, rows, seconds] = [values.rounds, values.rows, values.seconds].map(Number)
const work = mkdtempSync(join(tmpdir(), 'lake-bench-'))
const start = (name, parameters) =>
  fork(fileURLToPath(new URL(`rest/${name}.mjs`, import.meta.url)), parameters.map(String))
const told = async (child) => (await once(child, 'message'))[0]

try {
  console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}`)
  await measureWalks()
  await measureBudget()
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function measureWalks() {
  const venue = start('venue', [rows, 1e12, 60_000])
  const { url } = await told(venue)
  const results = { raw: [], fetch: [], ingest: [] }
  for (let round = 0; round < rounds; round++) {
    for (const way of Object.keys(results)) {
      results[way].push(await told(start('walk', [way, url, rows, join(work, `${way}${round}`)])))
    }
  }
  venue.disconnect()
  const raw = { cpu: median(results.raw, 'cpuSeconds'), peak: median(results.raw, 'peakMegabytes') }
  console.log(`\n${rows} bars in pages of 1000, median of ${rounds} rounds`)
  for (const [way, runs] of Object.entries(results)) {
    if (runs.some(({ walked }) => walked !== rows)) throw new Error(`${way} did not walk all rows`)
    const [cpu, peak] = [median(runs, 'cpuSeconds'), median(runs, 'peakMegabytes')]
    const beside =
      way === 'raw'
        ? ''
        : `, ${(100 * (cpu / raw.cpu - 1)).toFixed(1)} % more CPU, ${(peak - raw.peak).toFixed(0)} MB more`
    console.log(
      `${way.padEnd(7)}${cpu.toFixed(2)} s CPU, ${median(runs, 'seconds').toFixed(2)} s, peak ${peak.toFixed(0)} MB${beside}`,
    )
  }
}

async function measureBudget() {
  const [weight, windowMillis] = [1000, 10_000]
  const venue = start('venue', [410_000, weight, windowMillis])
  const { url } = await told(venue)
  const folder = join(work, 'shared')
  const spenders = [0, 10].map((first) => start('spend', [url, weight, windowMillis, seconds, folder, first, 10]))
  await Promise.all(spenders.map((child) => once(child, 'exit')))
  venue.send('count')
  const { requests, refused, spent } = await told(venue)
  venue.disconnect()
  const use = (100 * spent) / (weight * ((seconds * 1000) / windowMillis))
  console.log(`\n20 datasets in 2 processes, ${weight} a ${windowMillis / 1000} s, for ${seconds} s`)
  console.log(`${requests} requests, ${refused} refused, ${use.toFixed(1)} % of the budget used`)
}

function median(runs, name) {
  const sorted = runs.map((run) => run[name]).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
