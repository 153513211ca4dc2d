// What small updates cost: a day of updates each minute from a venue on this machine, with silver written at most
// hourly and at each update.
//
//   node tools/pnpm.mjs --silent build && node bench/update.mjs [--hours N] [--every MINUTES] [--days N] [--hourly]
//
// The clock of lake and venue is simulated, the work is real. The lake holds so many days of the month before, since a
// month of bars is one file of silver. Amplification is bytes written for each byte of a row's share of that file.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startVenue } from '@lake/ingest-ccxt/testing'
import { defineLake, updateLake } from '@lake/pipeline'
import { openStore } from '@lake/storage'

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    every: { type: 'string', default: '1' },
    days: { type: 'string', default: '15' },
    // Without the updates that write silver each time, which take long.
    hourly: { type: 'boolean', default: false },
  },
})
const [hours, every, days] = [values.hours, values.every, values.days].map(Number)
const DATASET = 'binance/um/klines/BTCUSDT/1m'
const MINUTE = 60_000_000
const month = Date.UTC(2026, 4, 1) * 1000
const start = month + days * 1440 * MINUTE
const work = mkdtempSync(join(tmpdir(), 'lake-bench-'))

console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.version}`)
console.log(`updates each ${every} min for ${hours} h; ${days} days of the month are there\n`)
console.log('silver          updates  fetched kB  bronze kB  silver kB  silver writes  amplification  CPU s')
try {
  for (const [name, commitEvery] of [...(values.hourly ? [] : [['each update', 0]]), ['at most hourly', undefined]]) {
    await measure(name, commitEvery)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function measure(name, commitEvery) {
  let now = start
  const venue = await startVenue({ rows: bars(days * 1440 + hours * 60), now: () => now })
  const store = openStore(`file:${join(work, name.replaceAll(' ', '-'))}`)
  const venues = { urls: { binance: venue.url }, budgetFolder: join(work, 'budgets'), credentials: () => undefined }
  const lake = defineLake({ lake: store, now: () => now, venues })
  const update = async (request) => {
    const { datasets, failures } = await updateLake(lake, { datasets: [DATASET], ...request })
    if (failures.length > 0) throw failures[0].error
    return datasets[0]
  }
  await update({ from: month, commitEvery: 0 })
  const [bronze, silver] = [await sizeOf(store, 'bronze/'), await sizeOf(store, 'silver/')]
  const cpu = process.cpuUsage()
  let [updates, fetched, written, writes, rows] = [0, 0, 0, 0, 0]
  while (now < start + hours * 60 * MINUTE) {
    now += every * MINUTE
    const one = await update({ commitEvery })
    updates += 1
    fetched += one.bytesFetched
    written += one.bytesWritten
    rows += one.rowsAdded
    if (one.bytesWritten > 0) writes += 1
  }
  const { user, system } = process.cpuUsage(cpu)
  const grown = (await sizeOf(store, 'bronze/')) - bronze
  const share = ((await sizeOf(store, 'silver/')) / (days * 1440 + rows)) * rows
  console.log(
    [
      name.padEnd(14),
      String(updates).padStart(8),
      ...[fetched, grown, written].map((bytes, at) => (bytes / 1000).toFixed(0).padStart([11, 10, 10][at])),
      String(writes).padStart(14),
      `${(written / share).toFixed(0)} x`.padStart(14),
      ((user + system) / 1e6).toFixed(1).padStart(6),
    ].join(' '),
  )
  await venue.close()
  if (silver === 0 || rows === 0) throw new Error('nothing was written')
}

async function sizeOf(store, prefix) {
  let bytes = 0
  for await (const { size } of store.list({ prefix })) bytes += size
  return bytes
}

/** So many minutes of invented bars, as the venue's interface sends them. */
function bars(count) {
  const times = Float64Array.from({ length: count }, (_, row) => month / 1000 + row * 60_000)
  const texts = Array.from(times, (time, row) => {
    // Prices in their order, and takers with a part of the volume: the lake publishes no other bars.
    const middle = 60_000 + 900 * Math.sin(row / 977) + ((row * 7919) % 997) / 10
    const price = (offset) => (middle + offset).toFixed(2)
    const volume = ((row * 7919) % 100_003) / 1000
    const size = (part) => (volume * part).toFixed(3)
    const quote = (part) => (volume * part * middle).toFixed(3)
    return `[${time},"${price(1.3)}","${price(4.7)}","${price(-3.1)}","${price(0.2)}","${size(1)}",${time + 59_999},"${quote(1)}",${row % 900},"${size(0.4)}","${quote(0.4)}","0"]`
  })
  return [{ path: '/fapi/v1/klines', symbol: 'BTCUSDT', interval: '1m', times, texts }]
}
