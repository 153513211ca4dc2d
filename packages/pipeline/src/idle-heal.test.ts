import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatasetId, parseDatasetId, parseInstant, parsePeriod, silverSeries } from '@lake/core'
import { countingStore } from '@lake/core/testing'
import { sha256Of } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { defineLake, healLake, type HealReport, type Lake, listGaps, measureQuality } from './index.ts'

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol) => parseDatasetId(`binance/um/klines/${symbol}/1h`))
const MONTHS = Array.from({ length: 12 }, (_, index) => `2023-${String(index + 1).padStart(2, '0')}`)
const HOUR = 3_600_000_000

/** A month of 1h bars, as its manifest tells it; holes are hours of the month. */
async function commit({ ledger }: Lake, dataset: DatasetId, label: string, holes: readonly number[]): Promise<void> {
  const { from, to } = parsePeriod(label)
  const text = `${dataset.symbol} ${label} ${holes.join()}`
  await ledger.commitPartition({
    ...{ series: silverSeries(dataset), label, base: await ledger.manifest(silverSeries(dataset), label) },
    ...{ bytes: new TextEncoder().encode(text), rows: (to - from) / HOUR - holes.length, first: from, last: to - HOUR },
    ...{ span: { from, to }, revision: 1, options: { policy: 'archive-first' } },
    inputs: [{ key: `bronze/binance/archive/${dataset.symbol}-${label}.zip`, sha256: sha256Of(text) }],
    gaps: holes.map((hour) => ({ from: from + hour * HOUR, to: from + (hour + 1) * HOUR, expected: 1 })),
  })
}

async function lakeWithAnOutage(): Promise<Lake> {
  const lake = lakeOn(memoryStore())
  for (const dataset of SYMBOLS) {
    for (const label of MONTHS) await commit(lake, dataset, label, label === '2023-06' ? [100] : [])
  }
  return lake
}

const lakeOn = (store: Lake['store']): Lake =>
  defineLake({ lake: store, threads: 0, now: () => parseInstant('2024-01-01') })

async function heal(lake: Lake): Promise<HealReport> {
  const report = await healLake(lake)
  expect(report.failures).toEqual([])
  return report
}

describe('a heal with nothing to do', () => {
  test('lists the manifests once, and reads a document for each dataset in place of them', async () => {
    const lake = await lakeWithAnOutage()
    const first = await heal(lake)
    expect(first.datasets.map(({ left }) => left[0]?.cause)).toEqual(SYMBOLS.map(() => 'exchange-halt'))
    const { store, counts } = countingStore(lake.store)
    expect(await heal(lakeOn(store))).toEqual(first)
    // What was rolled up, refusals, what the source has and what failed of each; instruments and outages of the venue.
    expect(counts.get.requests).toBe(4 * SYMBOLS.length + 2)
    expect({ list: counts.list.requests, put: counts.put.requests }).toEqual({ list: 2, put: 0 })
  })

  test('finds a gap that came since it looked last, and one that is gone', async () => {
    const lake = await lakeWithAnOutage()
    await heal(lake)
    for (const dataset of SYMBOLS) await commit(lake, dataset, '2023-06', [])
    for (const dataset of SYMBOLS) await commit(lake, dataset, '2023-09', [7])
    const { datasets } = await heal(lake)
    const from = parseInstant('2023-09-01T07:00Z')
    expect(datasets.map(({ left }) => left.map((gap) => gap.from))).toEqual(SYMBOLS.map(() => [from]))
    const gaps: (number | undefined)[] = []
    for await (const dataset of listGaps(lake)) gaps.push(dataset.gaps?.length)
    expect(gaps).toEqual([1, 1, 1])
  })

  test('tells of a venue that is not there what was asked of it, and for which dataset', async () => {
    const store = memoryStore()
    const budgetFolder = await mkdtemp(join(tmpdir(), 'lake-idle-heal-'))
    const venues = { urls: { binance: 'http://127.0.0.1:9' }, budgetFolder }
    const lake = defineLake({ lake: store, threads: 0, now: () => parseInstant('2024-01-01'), venues })
    for (const [index, dataset] of SYMBOLS.entries()) await commit(lake, dataset, '2023-06', [100 + index])
    const { datasets } = await heal(lake)
    await rm(budgetFolder, { recursive: true })
    expect(datasets[0]?.left[0]?.why).toMatch(/symbol=BTCUSDT.*ECONNREFUSED/s)
    expect(datasets[1]?.left[0]?.why).toMatch(
      /^binance was not asked again, since it did not answer for another dataset: .*symbol=BTCUSDT/s,
    )
  }, 30_000)

  test('a month that is missing between two others is one gap, for those who measure too', async () => {
    const lake = lakeOn(memoryStore())
    const [bitcoin] = SYMBOLS
    for (const label of ['2023-01', '2023-03']) if (bitcoin !== undefined) await commit(lake, bitcoin, label, [])
    const measured: unknown[] = []
    for await (const { gaps } of measureQuality(lake)) measured.push(gaps)
    expect(measured).toEqual([1])
  })

  test('says the same when what was rolled up is deleted', async () => {
    const lake = await lakeWithAnOutage()
    const first = await heal(lake)
    for (const { symbol } of SYMBOLS) {
      await lake.store.delete(`_lake/index/manifests/klines/binance/um/${symbol}/1h.json`)
    }
    expect(await heal(lake)).toEqual(first)
  })
})
