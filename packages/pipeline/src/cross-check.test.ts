import { LakeError, type ObjectStore, parseDatasetId } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, type LakeContract, measureQuality, runPipeline } from './index.ts'
import { contentOf, publish } from './testing/fixtures.ts'

const DAY = '2022-06-15'
const FIRST = Date.parse(DAY)
const LAST_PRICE = 'binance/um/klines/BTCUSDT/1m'
const MARK = 'binance/um/markPriceKlines/BTCUSDT/1m'
const INDEX = 'binance/um/indexPriceKlines/BTCUSDT/1m'
const REPORTS = '_lake/reports/cross-checks/'

let archive: ObjectStore
let store: ObjectStore

beforeEach(async () => {
  archive = memoryStore()
  store = memoryStore()
  for (const dataset of [LAST_PRICE, MARK, INDEX]) await publishDay(dataset, () => 22_000)
})

/** A day of bars whose four prices are the same, 1,440 of them. */
async function publishDay(dataset: string, priceOf: (minute: number) => number): Promise<void> {
  const { dataType, symbol, market } = parseDatasetId(dataset)
  const lines = Array.from({ length: 1440 }, (_, minute) => {
    const open = FIRST + minute * 60_000
    const price = priceOf(minute) + (minute % 2)
    const [volume, quote] = dataType === 'klines' ? [2, 2 * price] : [0, 0]
    return [open, price, price, price, price, volume, open + 59_999, quote, 60, volume / 2, quote / 2, 0].join(',')
  })
  const name = `${symbol}-1m-${DAY}`
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }])
  await publish(archive, `data/futures/${market}/daily/${dataType}/${symbol}/1m/${name}.zip`, bytes)
}

const lakeWith = (contracts: readonly LakeContract[] = []): Lake => defineLake({ lake: store, contracts })

const run = async (datasets: readonly string[], lake = lakeWith()) =>
  runPipeline(lake, { source: archive, datasets, gold: [] })

async function findingsOf(dataset: string): Promise<readonly string[] | undefined> {
  for await (const { days } of measureQuality(lakeWith(), { datasets: [dataset] })) {
    return days.find(({ day }) => day === DAY)?.findings
  }
  return undefined
}

describe('the mark price', () => {
  test('is compared with the last price and the index, minute by minute', async () => {
    const { crossChecks, failures } = await run([LAST_PRICE, MARK, INDEX])
    expect(failures).toEqual([])
    expect(
      crossChecks.map(({ reference, label, report }) => [reference, label, report.compared, report.flagged]),
    ).toEqual([
      [LAST_PRICE, '2022-06', 1440, 0],
      [INDEX, '2022-06', 1440, 0],
    ])
  })

  test('is flagged where it is far away, and published all the same', async () => {
    await publishDay(MARK, (minute) => (minute >= 600 && minute < 612 ? 20_000 : 22_000))
    const { crossChecks, datasets } = await run([LAST_PRICE, MARK])
    expect(crossChecks).toMatchObject([
      {
        ...{ id: MARK, reference: LAST_PRICE, label: '2022-06' },
        report: { name: 'near(close, klines.close)', limit: 0.05, compared: 1440, flagged: 12 },
      },
    ])
    const first = crossChecks[0]?.report.first ?? []
    expect(first).toHaveLength(10)
    expect(first[0]).toEqual({ time: (FIRST + 600 * 60_000) * 1000, value: 20_000, reference: 22_000 })
    expect(datasets.map(({ rows, blocked }) => [rows, blocked.length])).toEqual([
      [1440, 0],
      [1440, 0],
    ])
    expect(await findingsOf(MARK)).toContain('near(close, klines.close): 12')
    expect(await findingsOf(LAST_PRICE)).toEqual([])
  })

  test('is the same file, whatever lies beside it', async () => {
    await publishDay(MARK, () => 20_000)
    await run([MARK])
    const alone = await contentOf(store, 'silver/mark_price_klines/', '_lake/manifests/mark_price_klines/')
    expect(await contentOf(store, REPORTS)).toEqual({})
    expect((await run([LAST_PRICE])).crossChecks).toMatchObject([{ id: MARK, report: { flagged: 1440 } }])
    expect(await contentOf(store, 'silver/mark_price_klines/', '_lake/manifests/mark_price_klines/')).toEqual(alone)
  })

  test('is compared once, and again when one side is another', async () => {
    await run([LAST_PRICE, MARK])
    const before = await contentOf(store, '')
    expect((await run([LAST_PRICE, MARK])).crossChecks).toEqual([])
    expect(await contentOf(store, '')).toEqual(before)
    await publishDay(LAST_PRICE, (minute) => (minute === 5 ? 30_000 : 22_000))
    expect((await run([LAST_PRICE])).crossChecks).toMatchObject([{ report: { flagged: 1 } }])
    expect(Object.keys(await contentOf(store, REPORTS))).toHaveLength(2)
    expect(await findingsOf(MARK)).toContain('near(close, klines.close): 1')
  })

  test('of a contract is compared with the index of its pair', async () => {
    const [mark, index] = ['binance/cm/markPriceKlines/BTCUSD_PERP/1m', 'binance/cm/indexPriceKlines/BTCUSD/1m']
    await publishDay(mark, () => 22_000)
    await publishDay(index, () => 20_000)
    await run([mark])
    expect((await run([index])).crossChecks).toMatchObject([{ id: mark, reference: index, report: { flagged: 1440 } }])
  })
})

describe('the limit of the mark price', () => {
  const strict: LakeContract = { dataType: 'markPriceKlines', crossCheckLimit: 0.01, checks: [] }

  beforeEach(async () => publishDay(MARK, (minute) => (minute < 7 ? 22_500 : 22_000)))

  test.each([
    ['that of the default', [], 0.05, 0],
    ['that of a contract', [strict], 0.01, 7],
    ['that of the last one for the dataset', [strict, { ...strict, crossCheckLimit: 0.1 }], 0.1, 0],
    ['not that of another dataset', [strict, { ...strict, crossCheckLimit: 0.1, where: { symbol: 'X' } }], 0.01, 7],
  ] as const)('is %s', async (_, contracts, limit, flagged) => {
    const { crossChecks, datasets } = await run([LAST_PRICE, MARK, INDEX], lakeWith(contracts))
    expect(crossChecks.map(({ report }) => [report.limit, report.flagged])).toEqual([
      [limit, flagged],
      [limit, flagged],
    ])
    expect(datasets.map(({ rows, blocked }) => [rows, blocked.length])).toEqual(Array(3).fill([1440, 0]))
  })

  test('is compared again when it is another', async () => {
    const flagged = async (contracts: readonly LakeContract[]): Promise<readonly number[]> =>
      (await run([LAST_PRICE, MARK], lakeWith(contracts))).crossChecks.map(({ report }) => report.flagged)
    expect(await flagged([])).toEqual([0])
    expect(await flagged([strict])).toEqual([7])
    expect(await flagged([strict])).toEqual([])
  })

  test.each([0, -0.1, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %d', (crossCheckLimit) => {
    expect(() => lakeWith([{ ...strict, crossCheckLimit }])).toThrow('must be above zero')
  })

  test('is of mark prices alone', () => {
    expect(() => lakeWith([{ ...strict, dataType: 'klines' }])).toThrow('only markPriceKlines have one')
  })
})

test('a contract of the lake compares whatever it names', async () => {
  const near = { check: 'near', column: 'close', reference: 'indexPriceKlines', other: 'close', limit: 0.01 } as const
  const lake = lakeWith([{ dataType: 'klines', checks: [{ ...near, name: 'premium', severity: 'failing' }] }])
  await publishDay(LAST_PRICE, (minute) => (minute === 7 ? 22_500 : 22_000))
  const { crossChecks, datasets } = await run([LAST_PRICE, INDEX], lake)
  expect(crossChecks).toMatchObject([{ id: LAST_PRICE, reference: INDEX, report: { name: 'premium', flagged: 1 } }])
  expect(datasets[0]?.blocked).toEqual([])
})

test('a report that cannot be read is named, and so is a lake that cannot keep one', async () => {
  await run([LAST_PRICE, MARK])
  const [key = ''] = Object.keys(await contentOf(store, REPORTS))
  await store.put(key, Buffer.from('{'))
  await expect(findingsOf(MARK)).rejects.toMatchObject({ code: 'CORRUPT_LAKE', details: { key } })
  await store.delete(key)
  const full = faultyStore(store, {
    fail: (operation, name) =>
      operation === 'put' && name.startsWith(REPORTS) ? new LakeError('NO_SPACE', 'The disk is full.') : undefined,
  })
  const { failures, datasets } = await run([LAST_PRICE, MARK], defineLake({ lake: full }))
  expect(failures.map(({ error }) => error.code)).toEqual(['NO_SPACE', 'NO_SPACE'])
  expect(datasets.map(({ rows }) => rows)).toEqual([1440, 1440])
})
