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
const HOURS = (RANGE.to - RANGE.from) / 1000 / HOUR

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

test('a venue that leaves out bars without trades has no gaps, and how many there are is counted', async () => {
  expect(report.failures).toEqual([])
  const [dataset] = report.datasets
  expect(dataset).toMatchObject({ rows: opens.length, gaps: null, rowsMissing: null })
  expect(dataset?.counts['bars_without_trades']).toBe(HOURS - opens.length)
  expect(dataset?.counts['stretches_without_trades']).toBeGreaterThan(1000)
  for await (const found of listGaps(lake)) {
    expect(found).toEqual({ id: DATASET, gaps: undefined, noTrades: HOURS - opens.length })
  }
})

test('of a range, those of its days', async () => {
  const range = parseTimeRange('2014-02-03', '2014-02-05')
  const there = opens.filter((open) => open * 1000 >= range.from && open * 1000 < range.to)
  for await (const { noTrades } of listGaps(lake, { range })) expect(noTrades).toBe(48 - there.length)
})

test('each day tells its own, in the table of quality too', async () => {
  const rows = new Map<string, number>()
  for (const open of opens) rows.set(dayOf(open * 1000), (rows.get(dayOf(open * 1000)) ?? 0) + 1)
  for await (const { days } of measureQuality(lake)) {
    expect(days).toHaveLength(HOURS / 24)
    for (const { day, noTrades, missing } of days) {
      expect([day, noTrades, missing]).toEqual([day, 24 - (rows.get(day) ?? 0), {}])
    }
  }
  const table = await qualityTable(lake).rows()
  const counts = Array.from({ length: table.numRows }, (_, row) => Number(table.getChild('no_trades')?.get(row)))
  expect(counts.reduce((sum, bars) => sum + bars, 0)).toBe(HOURS - opens.length)
})

test('no hole of thousands is listed in a manifest', async () => {
  let months = 0
  for await (const { files } of lake.ledger.manifests()) {
    months++
    for (const file of files) expect(file).not.toHaveProperty('gaps')
  }
  expect(months).toBe(13)
})
