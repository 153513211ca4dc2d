import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { dayOf, parseTimeRange, periodsIn } from '@lake/core'
import { binance } from '@lake/exchanges'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeAll, expect, test } from 'vitest'
import { defineLake, type Lake, listGaps, measureQuality, qualityTable, type RunReport, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'

/*
 * Thirteen months of a real venue that leaves out bars without trades: its thin market has thousands of holes. The bars are
 * those of its files, in the form of an archive that the lake can list.
 */

const DATASET = 'binance/spot/klines/XBTUSD/1h'
const RANGE = parseTimeRange('2013-11-01', '2014-12-01')
const HOUR = 3_600_000

let opens: number[]
let lake: Lake
let report: RunReport

beforeAll(async () => {
  const file = new URL('../../../fixtures/venues/kraken/XBTUSD_60.csv.gz', import.meta.url)
  const bars = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')
  const archive = memoryStore()
  opens = []
  for (const { label, from, to } of periodsIn('month', RANGE)) {
    const lines: string[] = []
    for (const bar of bars) {
      const [seconds, open, high, low, close, volume, trades] = bar.split(',')
      const time = Number(seconds) * 1000
      if (time * 1000 < from || time * 1000 >= to) continue
      opens.push(time)
      const quote = Number(volume) * Number(close)
      lines.push(
        [
          time,
          open,
          high,
          low,
          close,
          Number(volume).toFixed(8),
          time + HOUR - 1,
          quote.toFixed(8),
          trades,
          0,
          0,
          0,
        ].join(','),
      )
    }
    const name = `XBTUSD-1h-${label}`
    const bytes = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }])
    await publish(archive, `data/spot/monthly/klines/XBTUSD/1h/${name}.zip`, bytes)
  }
  lake = defineLake({ lake: memoryStore(), exchanges: [{ ...binance, omitsEmptyBars: true }] })
  report = await runPipeline(lake, { source: archive, datasets: [DATASET], gold: [] })
}, 60_000)

/** The bars that each day with trades lacks. */
function quietByDay(): Map<string, number> {
  const quiet = new Map<string, number>()
  for (const open of opens) quiet.set(dayOf(open * 1000), (quiet.get(dayOf(open * 1000)) ?? 24) - 1)
  return quiet
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)

test('a venue that leaves out bars without trades has no gaps, and how many there are is counted', async () => {
  expect(report.failures).toEqual([])
  const [dataset] = report.datasets
  expect(dataset).toMatchObject({ rows: opens.length, gaps: null, rowsMissing: null })
  const there = new Set(opens)
  const stretches = periodsIn('month', RANGE).flatMap(({ from, to }) => {
    const found = [0]
    for (let at = from / 1000; at < to / 1000; at += HOUR) {
      if (there.has(at)) found.push(0)
      else found.push((found.pop() ?? 0) + 1)
    }
    return found.filter((bars) => bars > 0 && bars < 24)
  })
  expect(stretches.length).toBeGreaterThan(1000)
  expect(dataset?.counts).toMatchObject({
    bars_without_trades: sum(stretches),
    stretches_without_trades: stretches.length,
  })
  for await (const found of listGaps(lake)) {
    expect(found).toEqual({ id: DATASET, gaps: undefined, noTrades: sum(quietByDay().values()) })
  }
})

test('of a range, those of its days', async () => {
  const range = parseTimeRange('2014-02-03', '2014-02-05')
  const quiet = quietByDay()
  const expected = sum(['2014-02-03', '2014-02-04'].map((day) => quiet.get(day) ?? 0))
  for await (const { noTrades } of listGaps(lake, { range })) expect(noTrades).toBe(expected)
})

test('each day tells its own, in the table of quality too', async () => {
  const quiet = quietByDay()
  for await (const { days } of measureQuality(lake)) {
    for (const { day, noTrades, missing } of days)
      expect([day, noTrades, missing]).toEqual([day, quiet.get(day) ?? 0, {}])
  }
  const table = await qualityTable(lake).rows()
  const counts = Array.from({ length: table.numRows }, (_, row) => Number(table.getChild('no_trades')?.get(row)))
  expect(sum(counts)).toBe(sum(quiet.values()))
})

test('no hole of thousands is listed in a manifest', async () => {
  let months = 0
  for await (const { files } of lake.ledger.manifests()) {
    months++
    for (const file of files) expect(file).not.toHaveProperty('gaps')
  }
  expect(months).toBe(13)
})
