// What REST ingestion costs beside ccxt's own raw call, and how well it uses a budget; a venue on this machine serves.
//
//   node tools/pnpm.mjs --silent build && node bench/rest.mjs [--rounds N] [--rows N] [--seconds N] [--only-forms] [--form TEXT]
//
// The overhead is judged by CPU time, user and system, in one process that takes turns: the median over the rounds of
// the ratio of two neighbours, so the figure holds on a busy machine too. The peaks of memory are those of processes
// of their own, as is the venue.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FORMS, PAGES } from './rest/forms.mjs'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    rows: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '60' },
    // Only the forms of pages that have this in their name; none of the others' measurements with --only-forms.
    form: { type: 'string', default: '' },
    'only-forms': { type: 'boolean', default: false },
  },
})
const [rounds, rows, seconds] = [values.rounds, values.rows, values.seconds].map(Number)
const work = mkdtempSync(join(tmpdir(), 'lake-bench-'))
const start = (name, parameters) =>
  fork(fileURLToPath(new URL(`rest/${name}.mjs`, import.meta.url)), parameters.map(String))
const told = async (child) => (await once(child, 'message'))[0]

try {
  console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}`)
  await measureOverhead()
  if (!values['only-forms']) {
    await measureMemory()
    await measureBudget()
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function measureOverhead() {
  const venue = start('forms-venue', [])
  const urls = JSON.stringify(await told(venue))
  console.log(`\nCPU of a page, ${rounds} rounds of ${PAGES} pages`)
  for (const [form, { dataset, pageRows }] of Object.entries(FORMS)) {
    if (!form.includes(values.form)) continue
    const micros = await told(start('overhead', [urls, form, rounds, work]))
    console.log(`${form}: ${pageRows} rows of ${dataset}`)
    for (const [way, values] of Object.entries(micros)) {
      const ratios = values.map((value, round) => value / micros.raw[round])
      const beside =
        way === 'raw' ? '' : `, ${percent(ratios, 0.5)} (quartiles ${percent(ratios, 0.25)}, ${percent(ratios, 0.75)})`
      console.log(`  ${way.padEnd(7)}${(quantile(values, 0.5) / 1000).toFixed(2)} ms${beside}`)
    }
  }
  venue.disconnect()
}

async function measureMemory() {
  const venue = start('venue', [rows, 1e12, 60_000])
  const { url } = await told(venue)
  console.log(`\n${rows} bars in pages of 1000, each way in a process of its own`)
  let raw
  for (const way of ['raw', 'fetch', 'ingest']) {
    const {
      walked,
      seconds: taken,
      cpuSeconds,
      peakMegabytes: peak,
    } = await told(start('walk', [way, url, rows, join(work, way)]))
    if (walked !== rows) throw new Error(`${way} did not walk all rows`)
    const beside = raw === undefined ? '' : `, ${(peak - raw).toFixed(0)} MB more`
    raw ??= peak
    console.log(
      `${way.padEnd(7)}peak ${peak.toFixed(0)} MB${beside} (${cpuSeconds.toFixed(2)} s CPU, ${taken.toFixed(2)} s)`,
    )
  }
  venue.disconnect()
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

function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * part)]
}

function percent(ratios, part) {
  const change = 100 * (quantile(ratios, part) - 1)
  return `${change > 0 ? '+' : ''}${change.toFixed(1)} %`
}
