import { type Interval, type ObjectStore, parseDatasetId, parseInstant, parseTimeRange } from '@lake/core'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import * as computed from './compute-gold-bars.ts'
import { defineLake, type RunReport, runPipeline } from './index.ts'
import { contentOf } from './testing/fixtures.ts'

vi.mock('./compute-gold-bars.ts', { spy: true })

const HOURS = 'binance/spot/klines/BTCUSDT/1h'
const GOLD: readonly Interval[] = ['1h', '4h', '1d', '1w', '1mo']
const compute = vi.mocked(computed.computeGoldBars)

let archive: ObjectStore

beforeAll(async () => {
  archive = memoryStore()
  const hole = parseTimeRange('2024-01-31T20:00:00Z', '2024-02-01T03:00:00Z')
  const options = { dataset: parseDatasetId(HOURS), from: parseInstant('2024-01-01'), seed: 3, holes: [hole] }
  await generateKlineArchive({ target: archive, ...options, months: 2 })
})

async function take(store: ObjectStore, gold: readonly Interval[], range?: [string, string]): Promise<RunReport> {
  const request = { source: archive, datasets: [HOURS], gold }
  const report = await runPipeline(defineLake({ lake: store }), {
    ...request,
    ...(range === undefined ? {} : { range: parseTimeRange(...range) }),
  })
  expect(report.failures).toEqual([])
  return report
}

describe('gold that is made ahead, with the silver that it is made of', () => {
  test('is the same, byte for byte, as gold that is made later out of silver that lies there', async () => {
    const [ahead, later] = [memoryStore(), memoryStore()]
    compute.mockClear()
    await take(ahead, GOLD)
    // Weeks reach from one month into another, so they are made when all silver is there.
    expect(new Set(compute.mock.calls.map(([{ interval }]) => interval))).toEqual(new Set(['1w']))
    await take(later, [])
    await take(later, GOLD)
    const gold = await contentOf(ahead, 'gold/')
    expect(gold).toEqual(await contentOf(later, 'gold/'))
    expect(Object.keys(gold)).toHaveLength(GOLD.length * 2)
  })

  test('is not taken where there is gold already, which is compared', async () => {
    const store = memoryStore()
    await take(store, ['1d'], ['2024-01-01', '2024-02-01'])
    compute.mockClear()
    await take(store, ['1d'])
    expect(compute).not.toHaveBeenCalled()
    await take(store, ['4h'])
    expect(compute).toHaveBeenCalledTimes(2)
  })
})
