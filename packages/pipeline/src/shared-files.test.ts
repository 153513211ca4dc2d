import { parseDatasetId, parseTimeRange, readObject, silverDataset, type ObjectStore } from '@lake/core'
import { parseCollectionRequest } from '@lake/ingest-s5cmd'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import {
  defineLake,
  discoverSource,
  type Lake,
  listGaps,
  listQuarantine,
  planRun,
  planSync,
  replayQuarantine,
  runPipeline,
  syncSource,
} from './index.ts'
import { okxBar, okxTrade, putOkxFile } from './testing/okx-archive.ts'
import { contentOf } from './testing/fixtures.ts'

const CHAIN = 'BTC-USD-futureschain'
const MARCH = 'okx/cm/trades/BTC-USD-240329'
const JUNE = 'okx/cm/trades/BTC-USD-240628'
const BRONZE = 'bronze/okx/archive/trades/daily/20240301/BTC-USD-futureschain-trades-2024-03-01.zip'

/** Two days of a family, in no order of time, with a name that only begins as another does. */
async function familyOfTrades(): Promise<ObjectStore> {
  const source = memoryStore()
  await putOkxFile(source, {
    ...{ type: 'trades', symbol: CHAIN, label: '2024-03-01' },
    lines: [
      okxTrade('BTC-USD-240329', 2, '2024-03-01T01:00:00Z'),
      okxTrade('BTC-USD-2403290', 2, '2024-03-01T01:00:00Z', 1),
      okxTrade('BTC-USD-240628', 1, '2024-02-29T18:00:00Z'),
      okxTrade('BTC-USD-240329', 1, '2024-02-29T17:00:00Z'),
      okxTrade('BTC-USD-240329', 3, '2024-03-01T15:59:59.999Z'),
    ],
  })
  await putOkxFile(source, {
    ...{ type: 'trades', symbol: CHAIN, label: '2024-03-02' },
    lines: [
      okxTrade('BTC-USD-240628', 2, '2024-03-02T02:00:00Z'),
      okxTrade('BTC-USD-240329', 5, '2024-03-02T01:00:00Z'),
      okxTrade('BTC-USD-240329', 4, '2024-03-01T16:00:00Z'),
    ],
  })
  return source
}

function newLake(options: Partial<Parameters<typeof defineLake>[0]> = {}): Lake {
  return defineLake({ lake: memoryStore(), ...options })
}

/** The rows of a dataset in silver: a partition, and the values of a column. */
async function valuesOf(lake: Lake, id: string, column: string): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {}
  for await (const manifest of lake.ledger.manifests()) {
    const dataset = silverDataset(manifest.series)
    if (dataset === undefined || JSON.stringify(dataset) !== JSON.stringify(parseDatasetId(id))) continue
    for (const { label, key } of manifest.files) {
      const table = await readParquet(await readObject(lake.store, key))
      values[label] = [...(table.getChild(column) ?? [])].map(Number)
    }
  }
  return values
}

describe('a dated future', () => {
  test('is read out of the files of its family, cut at 16:00Z, without what belongs to others', async () => {
    const lake = newLake()
    const source = await familyOfTrades()
    const { datasets, failures } = await runPipeline(lake, { source, datasets: [MARCH, JUNE], gold: [] })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([
      { id: MARCH, rows: 5, files: 2, filesTransferred: 2, quarantined: 0, formatChanges: [] },
      { id: JUNE, rows: 2, files: 2, filesTransferred: 0, quarantined: 0 },
    ])
    expect(await valuesOf(lake, MARCH, 'trade_id')).toEqual({
      '2024-02-29': [1],
      '2024-03-01': [2, 3, 4],
      '2024-03-02': [5],
    })
    expect(await valuesOf(lake, MARCH, 'price')).toMatchObject({ '2024-02-29': [63_001] })
    expect(await valuesOf(lake, JUNE, 'trade_id')).toEqual({ '2024-02-29': [1], '2024-03-01': [], '2024-03-02': [2] })
    expect(Object.keys(await contentOf(lake.store, 'bronze/'))).toHaveLength(2)
    const manifest = await lake.ledger.manifest(
      { layer: 'silver', table: 'trades', exchange: 'okx', market: 'cm', symbol: 'BTC-USD-240329' },
      '2024-02',
    )
    expect(manifest?.manifest.files[0]?.inputs).toMatchObject([{ key: BRONZE }])
  })

  test('costs nothing the second time, and the same bytes whoever was read before', async () => {
    const source = await familyOfTrades()
    const [one, other] = [newLake(), newLake()]
    await runPipeline(one, { source, datasets: [MARCH, JUNE], gold: [] })
    for (const id of [JUNE, MARCH]) await runPipeline(other, { source, datasets: [id], gold: [] })
    const before = await contentOf(one.store, 'silver/')
    expect(await contentOf(other.store, 'silver/')).toEqual(before)
    const all = await contentOf(one.store, '')
    const { datasets } = await runPipeline(one, { source, datasets: [MARCH, JUNE], gold: [] })
    expect(datasets).toMatchObject([
      { partitions: 0, filesTransferred: 0 },
      { partitions: 0, filesTransferred: 0 },
    ])
    expect(await contentOf(one.store, '')).toEqual(all)
  })

  test('has the same rows in exact decimals', async () => {
    const lake = newLake({ decimals: 'exact' })
    const { datasets, failures } = await runPipeline(lake, {
      source: await familyOfTrades(),
      datasets: [MARCH],
      gold: [],
    })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([{ rows: 5 }])
  })

  test('has no partition of a time in which the files have no row of it, and they are not read again', async () => {
    const source = await familyOfTrades()
    const silent = { type: 'trades', symbol: CHAIN, label: '2024-02-10' } as const
    await putOkxFile(source, { ...silent, lines: [okxTrade('BTC-USD-240628', 7, '2024-02-10T01:00:00Z')] })
    const lake = newLake()
    const { datasets, failures } = await runPipeline(lake, { source, datasets: [MARCH], gold: [] })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([{ rows: 5, files: 3, first: '2024-02-29T17:00:00Z' }])
    expect(Object.keys(await valuesOf(lake, MARCH, 'trade_id'))).toEqual(['2024-02-29', '2024-03-01', '2024-03-02'])
    const [known] = (await lake.ledger.inventory(parseDatasetId(MARCH))).filter(({ sourceKey }) =>
      sourceKey.includes('2024-02-10'),
    )
    expect(known?.fingerprint).toMatchObject({ rows: 1, ownRows: 0, expectedRows: null })
    const all = await contentOf(lake.store, '')
    await runPipeline(lake, { source, datasets: [MARCH], gold: [] })
    expect(await contentOf(lake.store, '')).toEqual(all)
  })

  test('that nobody has traded makes nothing and is no failure', async () => {
    const lake = newLake()
    const report = await runPipeline(lake, {
      source: await familyOfTrades(),
      datasets: ['okx/cm/trades/BTC-USD-241227'],
      gold: [],
    })
    expect(report).toMatchObject({ datasets: [{ rows: 0, partitions: 0, gaps: null }], failures: [] })
    expect(await contentOf(lake.store, 'silver/')).toEqual({})
  })

  test('is not looked for in files of after its end', async () => {
    const source = await familyOfTrades()
    for (const label of ['2024-03-29', '2024-03-30', '2024-04-02']) {
      await putOkxFile(source, {
        ...{ type: 'trades', symbol: CHAIN, label },
        lines: [okxTrade('BTC-USD-240628', 7, `${label}T01:00:00Z`)],
      })
    }
    const { datasets } = await planRun(newLake(), { source, datasets: [MARCH] })
    const labels = datasets[0]?.months.flatMap(({ files }) => files.map(({ period }) => period.label))
    expect(labels).toEqual(['2024-03-01', '2024-03-02', '2024-03-29'])
  })

  test('is taken from its own file where it has one, then from its family, then from all', async () => {
    const source = await familyOfTrades()
    const own = await putOkxFile(source, {
      ...{ type: 'trades', symbol: 'BTC-USD-240329', label: '2024-03-02' },
      lines: [okxTrade('BTC-USD-240329', 4, '2024-03-01T16:00:00Z')],
    })
    const all = { type: 'trades', symbol: 'allfutures' } as const
    await putOkxFile(source, {
      ...all,
      label: '2024-03-01',
      lines: [okxTrade('BTC-USD-240329', 99, '2024-03-01T01:00:00Z')],
    })
    await putOkxFile(source, {
      ...{ ...all, label: '2024-03-03' },
      lines: [
        okxTrade('ETH-USDT-240329', 6, '2024-03-03T01:00:00Z'),
        okxTrade('BTC-USD-240329', 6, '2024-03-03T01:00:00Z'),
      ],
    })
    const { datasets } = await planRun(newLake(), { source, datasets: [MARCH] })
    const files = datasets[0]?.months.flatMap((month) => month.files) ?? []
    expect(files.map(({ key }) => key.split('/').at(-1))).toEqual([
      'BTC-USD-futureschain-trades-2024-03-01.zip',
      own.split('/').at(-1),
      'allfutures-trades-2024-03-03.zip',
    ])
    expect(files.map(({ reason }) => reason.includes('among those of others'))).toEqual([true, false, true])
    const lake = newLake()
    await runPipeline(lake, { source, datasets: [MARCH], gold: [] })
    expect(await valuesOf(lake, MARCH, 'trade_id')).toEqual({
      '2024-02-29': [1],
      '2024-03-01': [2, 3, 4],
      '2024-03-02': [],
      '2024-03-03': [6],
    })
  })

  test('is brought into bronze by a sync, once for all of the family, and read from there', async () => {
    const source = await familyOfTrades()
    const lake = newLake()
    const collection = parseCollectionRequest({ exchange: 'okx' })
    const request = { source, collection, datasets: [MARCH, JUNE] }
    expect((await planSync(lake, request)).steps).toHaveLength(2)
    expect(await syncSource(lake, request)).toMatchObject({ files: 2 })
    const { datasets } = await runPipeline(lake, { source, datasets: [JUNE], gold: [] })
    expect(datasets).toMatchObject([{ rows: 2, filesTransferred: 0 }])
  })
})

test('calls and puts of a strike are not taken for each other', async () => {
  const source = memoryStore()
  const day = { type: 'trades', symbol: 'BTC-USD-optionchain', label: '2024-03-01' } as const
  const lines = [
    okxTrade('BTC-USD-240329-70000-C', 485, '2024-03-01T10:00:00Z', 0.0125),
    okxTrade('BTC-USD-240329-70000-P', 485, '2024-03-01T10:00:00Z', 0.125),
    okxTrade('BTC-USD-240329-70000-P', 484, '2024-03-01T09:00:00Z', 0.124),
  ]
  await putOkxFile(source, { ...day, lines })
  const lake = newLake()
  const datasets = ['okx/option/trades/BTC-USD-240329-70000-P', 'okx/option/trades/BTC-USD-240329-70000-C']
  expect(await runPipeline(lake, { source, datasets, gold: [] })).toMatchObject({
    datasets: [{ rows: 2 }, { rows: 1 }],
    failures: [],
  })
  expect(await valuesOf(lake, datasets[0] ?? '', 'price')).toEqual({ '2024-02-29': [], '2024-03-01': [0.124, 0.125] })
})

test('funding is that of the monthly files, and of days that these do not have out of the file of all', async () => {
  const source = memoryStore()
  const own = 'BTC-USD-SWAP'
  const at = (time: string, symbol = own, rate = 0.0001): string => `${symbol},${rate},${Date.parse(time)}`
  await putOkxFile(source, {
    ...{ type: 'fundingrates', symbol: own, label: '2024-02' },
    lines: [at('2024-02-01T00:00:00Z'), at('2024-02-01T08:00:00Z')],
  })
  for (const [label, time] of [
    ['2024-02-10', '2024-02-10T08:00:00Z'],
    ['2024-03-02', '2024-03-02T08:00:00Z'],
  ] as const) {
    const lines = [at(time, 'BTC-USDT-SWAP', 0.5), at(time, own, 0.0002), at(time, 'BTC-USD-SWAPX', 0.7)]
    await putOkxFile(source, { type: 'fundingrates', symbol: 'allswap', label, lines })
  }
  const lake = newLake()
  const id = 'okx/cm/fundingRate/BTC-USD-SWAP'
  const { failures } = await runPipeline(lake, { source, datasets: [id], gold: [] })
  expect(failures).toEqual([])
  expect(await valuesOf(lake, id, 'funding_rate')).toEqual({
    ...{ '2024-01': [], '2024-02': [0.0001, 0.0001], '2024-03': [0.0002] },
  })
  expect(Object.keys(await contentOf(lake.store, 'bronze/'))).toHaveLength(2)
})

describe('bars of a dated future', () => {
  const id = 'okx/cm/klines/BTC-USD-240301/1m'

  /** The last two days of a bar a minute, which end at 08:00Z of the second one and began at 20:00Z before the first. */
  async function lastDays(lines = (label: string, from: string, to: string): string[] => barsOf(from, to)) {
    const source = memoryStore()
    const chain = { type: 'candlesticks', symbol: CHAIN } as const
    const days = [
      ['2024-02-28', '2024-02-28T00:00:00Z', '2024-02-28T00:00:00Z'],
      ['2024-02-29', '2024-02-28T20:00:00Z', '2024-02-29T16:00:00Z'],
      ['2024-03-01', '2024-02-29T16:00:00Z', '2024-03-01T08:00:00Z'],
      ['2024-03-02', '2024-03-02T00:00:00Z', '2024-03-02T00:00:00Z'],
    ] as const
    for (const [label, from, to] of days) {
      const other = okxBar('BTC-USD-240628', Date.parse(`${label}T00:00:00Z`), 70_000)
      await putOkxFile(source, { ...chain, label, lines: [other, ...lines(label, from, to)] })
    }
    return source
  }

  function barsOf(from: string, to: string): string[] {
    const bars: string[] = []
    for (let at = Date.parse(from); at < Date.parse(to); at += 60_000) bars.push(okxBar('BTC-USD-240301', at, 63_000))
    return bars
  }

  test('are not missing before the first of them nor after the end that the name tells', async () => {
    const lake = newLake()
    const { datasets, failures } = await runPipeline(lake, { source: await lastDays(), datasets: [id] })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([{ rows: 36 * 60, gaps: 0, rowsMissing: 0, gold: { '1h': 36 } }])
    const found = []
    for await (const { gaps = [] } of listGaps(lake, { datasets: [id] })) {
      found.push(...gaps.map(({ cause, expected }) => [cause, expected]))
    }
    expect(found).toEqual([
      ['before-listing', 4 * 60],
      ['after-delisting', 8 * 60],
    ])
  })

  test('of one that is in no file are not missing at all', async () => {
    const other = 'okx/cm/klines/BTC-USD-240927/1m'
    const lake = newLake()
    const { datasets, failures } = await runPipeline(lake, { source: await lastDays(), datasets: [other] })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([{ rows: 0, gaps: 0, rowsMissing: 0, partitions: 0 }])
  })

  test('are missing where the files lack them in between', async () => {
    const source = await lastDays((label, from, to) =>
      barsOf(from, to).filter((_, index) => label !== '2024-02-29' || index < 600 || index >= 630),
    )
    const lake = newLake()
    const { datasets } = await runPipeline(lake, { source, datasets: [id], gold: [] })
    expect(datasets).toMatchObject([{ rows: 36 * 60 - 30, gaps: 1, rowsMissing: 30 }])
  })
})

describe('a file of many instruments', () => {
  const day = { type: 'trades', symbol: CHAIN, label: '2024-03-01' } as const
  const good = Array.from({ length: 40 }, (_, index) => okxTrade('BTC-USD-240329', index + 101, '2024-03-01T01:00:00Z'))

  async function sourceOf(lines: readonly string[], header?: string): Promise<ObjectStore> {
    const source = await familyOfTrades()
    await putOkxFile(source, { ...day, lines, header })
    return source
  }

  test('that does not say whose its rows are is refused, and costs no other file', async () => {
    const lines = good.map((line) => line.split(',').slice(1, 6).join())
    const lake = newLake()
    const { datasets, failures } = await runPipeline(lake, {
      source: await sourceOf(lines, 'trade_id,side,size,price,created_time'),
      datasets: [MARCH],
      gold: [],
    })
    const refused = { file: BRONZE.slice('bronze/okx/archive/'.length), error: { code: 'BAD_FORMAT' } }
    expect(failures).toMatchObject([
      { ...refused, month: '2024-02' },
      { ...refused, month: '2024-03' },
    ])
    expect(failures[0]?.error.message).toMatch(
      /none of its columns says of which: trade_id,side,size,price,created_time/,
    )
    expect(datasets).toMatchObject([{ rows: 2 }])
  })

  test('is read although a row of another instrument is bad', async () => {
    const bad = 'BTC-USD-240628,x,nobody,-1,,,'
    const source = await sourceOf([...good, bad, 'BTC-USD-240628', bad])
    const lake = newLake()
    expect(await runPipeline(lake, { source, datasets: [MARCH], gold: [] })).toMatchObject({
      datasets: [{ rows: 42, quarantined: 0 }],
      failures: [],
    })
    const { failures } = await runPipeline(lake, { source, datasets: [JUNE], gold: [] })
    expect(failures).toMatchObject([{ id: JUNE, error: { code: 'BAD_ROW' } }, { id: JUNE }])
    expect(failures[0]?.error.message).toMatch(/3 bad rows of 3 of the instrument/)
    expect(Object.keys(await contentOf(lake.store, 'bronze/'))).toContain(BRONZE)
  })

  test('has the bad rows of the instrument put aside with their lines, and replayed', async () => {
    const others = Array.from({ length: 5 }, (_, index) =>
      okxTrade('BTC-USD-240628', index + 1, '2024-03-01T01:00:00Z'),
    )
    const source = await sourceOf([...others, 'BTC-USD-240329,77,buy,much,1,1709251200000,0', ...good])
    const lake = newLake({ quarantineLimit: 0.05 })
    const { datasets } = await runPipeline(lake, { source, datasets: [MARCH, JUNE], gold: [] })
    expect(datasets).toMatchObject([
      { id: MARCH, quarantined: 1 },
      { id: JUNE, quarantined: 0 },
    ])
    const aside = []
    for await (const { dataset, rows } of listQuarantine(lake)) aside.push([dataset.symbol, rows])
    expect(aside).toMatchObject([['BTC-USD-240329', [{ line: 7, column: 'price', value: 'much' }]]])
    expect(await replayQuarantine(lake)).toMatchObject({
      datasets: [{ id: MARCH, quarantinedLeft: 1, partitionsChanged: 0 }],
      failures: [],
    })
  })

  test('is refused for a name that cannot be in it', async () => {
    const source = await sourceOf([...good, okxTrade('ETH-USD-240329', 1, '2024-03-01T01:00:00Z')])
    const { failures } = await runPipeline(newLake(), { source, datasets: [MARCH], gold: [] })
    const error = { code: 'WRONG_FILE', details: { line: 42, value: 'ETH-USD-240329' } }
    expect(failures).toMatchObject([{ error }, { error }])
  })

  test('that its source replaces is a restatement for each instrument that has rows of it', async () => {
    const source = await familyOfTrades()
    const lake = newLake()
    const request = { source, datasets: [MARCH, JUNE], gold: [] }
    const range = parseTimeRange('2024-02-01', '2024-04-01')
    await discoverSource(lake, { source, exchange: 'okx', range })
    await runPipeline(lake, request)
    await putOkxFile(source, {
      ...day,
      lines: [
        okxTrade('BTC-USD-240329', 2, '2024-03-01T01:00:00Z', 5),
        okxTrade('BTC-USD-240628', 1, '2024-02-29T18:00:00Z'),
        okxTrade('BTC-USD-240329', 1, '2024-02-29T17:00:00Z'),
        okxTrade('BTC-USD-240329', 3, '2024-03-01T15:59:59.999Z'),
        okxTrade('BTC-USD-240329', 6, '2024-03-01T15:59:59.999Z'),
      ],
    })
    const { restatements } = await discoverSource(lake, { source, exchange: 'okx', range })
    expect(
      restatements.flatMap(({ partitions }) => partitions.map(({ series, label }) => [series.symbol, label])),
    ).toEqual([
      ['BTC-USD-240329', '2024-02-29'],
      ['BTC-USD-240329', '2024-03-01'],
      ['BTC-USD-240628', '2024-02-29'],
      ['BTC-USD-240628', '2024-03-01'],
    ])
    expect(Object.keys(await contentOf(lake.store, '_lake/rebuild/'))).toEqual([
      '_lake/rebuild/okx/cm/trades/BTC-USD-240329.json',
      '_lake/rebuild/okx/cm/trades/BTC-USD-240628.json',
    ])
    const { datasets, failures } = await runPipeline(lake, request)
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([
      { rows: 6, restated: [{ diff: { added: 1, changed: 1, removed: 0 } }] },
      { rows: 2, restated: [] },
    ])
    expect(await valuesOf(lake, MARCH, 'price')).toMatchObject({ '2024-03-01': [5, 63_003, 63_006, 63_004] })
    expect(Object.keys(await contentOf(lake.store, 'bronze/'))).toHaveLength(3)
    const all = await contentOf(lake.store, '')
    await runPipeline(lake, request)
    expect(await contentOf(lake.store, '')).toEqual(all)
  })

  test('that comes to have no row of an instrument takes nothing away from it', async () => {
    const source = await familyOfTrades()
    const lake = newLake()
    const request = { source, datasets: [MARCH], gold: [] }
    await runPipeline(lake, request)
    await putOkxFile(source, { ...day, lines: [okxTrade('BTC-USD-240628', 1, '2024-02-29T18:00:00Z')] })
    const { datasets } = await runPipeline(lake, request)
    expect(datasets).toMatchObject([{ rows: 5, blocked: [{ label: '2024-02-29' }, { label: '2024-03-01' }] }])
  })
})
