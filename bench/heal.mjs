// What a heal costs that has nothing to do, on a lake of many partitions: it must look at each, and at nothing twice.
//
//   npm run build && node bench/heal.mjs [--partitions N] [--rounds N] [--folder DIR]
//
// Times are of the processor, user and system, so that they mean something on a machine that does other things too.
// With --folder the lake is kept, and used again. The first round warms up, and rolls up the manifests.
//
// The lake has manifests of 1m bars, 100 months a symbol, and small files in place of Parquet: a heal reads no rows.
// In every tenth month all symbols lack the same hour, as in an outage of the venue. The plain read of all manifests
// (list, read, JSON.parse) is the floor.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parsePeriod, periodsIn, silverSeries } from '@lake/core'
import { defineLake, healLake, listGaps, measureQuality } from '@lake/pipeline'
import { formatRows } from './rounds.mjs'

const { values } = parseArgs({
  options: {
    partitions: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    folder: { type: 'string' },
  },
})
const MONTHS = 100
const MINUTE = 60_000_000
const ALL = periodsIn('month', { from: parsePeriod('2015-01').from, to: parsePeriod('2023-05').from })
const NOW = parsePeriod('2023-05').from

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'lake-heal-')))
try {
  const lake = defineLake({ lake: folder, threads: 0, now: () => NOW })
  const isMade = existsSync(join(folder, '_lake'))
  for (let symbol = 0; !isMade && symbol < Number(values.partitions) / MONTHS; symbol++) await fill(lake, symbol)
  const programs = [
    { name: 'read of all manifests', run: () => readAll(join(folder, '_lake/manifests')) },
    { name: 'healLake', run: () => heal(lake) },
    { name: 'listGaps', run: () => countGaps(lake) },
    { name: 'measureQuality', run: () => countDays(lake) },
  ]
  console.log(`${values.partitions} partitions, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`)
  const times = programs.map(() => [])
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [index, { run }] of programs.entries()) {
      const begin = cpuMillis()
      await run()
      if (round > 0) times[index].push(cpuMillis() - begin)
    }
  }
  const base = times[0].toSorted((a, b) => a - b)[times[0].length >> 1]
  console.log(
    formatRows(
      programs.map(({ name }, index) => ({ name, times: times[index], base })),
      'the read',
    ),
  )
} finally {
  if (values.folder === undefined) await rm(folder, { recursive: true })
}

async function fill({ ledger }, number) {
  const dataset = { exchange: 'binance', market: 'um', dataType: 'klines', symbol: `COIN${number}USDT`, interval: '1m' }
  const series = silverSeries(dataset)
  for (const [index, { label, from, to }] of ALL.entries()) {
    const days = periodsIn('day', { from, to }).map(() => 1440)
    const outage = { from: from + 600 * MINUTE, to: from + 660 * MINUTE, expected: 60 }
    const bytes = new TextEncoder().encode(`${number} ${label}`)
    await ledger.commitPartition({
      ...{ series, label, base: undefined, bytes, rows: days.length * 1440, first: from, last: to - MINUTE },
      ...{
        span: { from, to },
        revision: 3,
        options: { policy: 'archive-first' },
        gaps: index % 10 === 0 ? [outage] : [],
      },
      inputs: [
        {
          key: `bronze/binance/archive/data/futures/um/monthly/klines/${dataset.symbol}/1m/${dataset.symbol}-1m-${label}.zip`,
          sha256: Buffer.from(`${number} ${label}`).toString('hex').padEnd(64, '0'),
        },
      ],
      quality: { score: 100, days, findings: [], defects: [] },
    })
  }
}

async function readAll(root) {
  let files = 0
  for (const name of await readdir(root, { recursive: true })) {
    if (!name.endsWith('.json')) continue
    files += JSON.parse(await readFile(join(root, name), 'utf8')).files.length
  }
  expectEqual(files, Number(values.partitions))
}

async function heal(lake) {
  const { datasets, failures } = await healLake(lake)
  if (failures.length > 0) throw failures[0].error
  expectEqual(datasets.length, Number(values.partitions) / MONTHS)
  expectEqual(
    datasets.reduce((sum, { requests }) => sum + requests, 0),
    0,
  )
  expectEqual(datasets[0].left[0].cause, 'exchange-halt')
}

async function countGaps(lake) {
  let gaps = 0
  for await (const dataset of listGaps(lake)) gaps += dataset.gaps.length
  expectEqual(gaps, Number(values.partitions) / 10)
}

async function countDays(lake) {
  let days = 0
  for await (const dataset of measureQuality(lake)) days += dataset.days.length
  expectEqual(days, (Number(values.partitions) / MONTHS) * periodsIn('day', { from: ALL[0].from, to: NOW }).length)
}

function cpuMillis() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function expectEqual(found, wanted) {
  if (found !== wanted) throw new Error(`${found} instead of ${wanted}`)
}
