import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, silverSeries } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readFailedMonths } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, listGaps, measureQuality, runPipeline } from './index.ts'
import { contentOf, publish } from './testing/fixtures.ts'

/* Days of archives of which one is not what it should be: it is refused, and the others make their partitions. */

const METRICS = 'binance/um/metrics/BTCUSDT'
const TRADES = 'binance/um/trades/BTCUSDT'
const DAYS = ['2024-02-10', '2024-02-11', '2024-02-12', '2024-02-13']
const [FIRST = '', , THIRD = '', LAST = ''] = DAYS
const range = parseTimeRange('2024-02-10', '2024-02-14')

const HEADER =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'

let archive: ObjectStore
let lake: Lake

beforeEach(() => {
  archive = memoryStore()
  lake = defineLake({ lake: memoryStore(), now: () => parseInstant('2024-03-20') })
})

const keyOf = (type: 'metrics' | 'trades', day: string): string =>
  `data/futures/um/daily/${type}/BTCUSDT/BTCUSDT-${type}-${day}.zip`

const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

async function publishLines(key: string, lines: readonly string[]): Promise<void> {
  const name = nameOf(key).replace('.zip', '.csv')
  await publish(archive, key, await writeZip([{ name, bytes: Buffer.from(`${lines.join('\n')}\n`) }]))
}

/** A day of metrics: one row in five minutes. */
function metricsOf(day: string, ratio = '1.28633000'): string[] {
  const rows = Array.from({ length: 288 }, (_, index) => {
    const time = new Date(Date.parse(day) + index * 300_000).toISOString().slice(0, 19).replace('T', ' ')
    return `${time},BTCUSDT,105550.985,6858675634.706254,${ratio},1.47112400,1.19972635,1.55827200`
  })
  return [HEADER, ...rows]
}

/** A day of trades: one in each hour, whose ids go on from day to day. */
function tradesOf(day: string): string[] {
  const from = Date.parse(day)
  const rows = Array.from({ length: 24 }, (_, hour) => {
    const time = from + hour * 3_600_000
    return `${time / 3_600_000},42000.5,0.5,21000.25,${time},true`
  })
  return ['id,price,qty,quote_qty,time,is_buyer_maker', ...rows]
}

async function publishDays(): Promise<void> {
  for (const day of DAYS) {
    await publishLines(keyOf('metrics', day), metricsOf(day))
    await publishLines(keyOf('trades', day), tradesOf(day))
  }
}

type Spoil = (key: string, lines: readonly string[]) => Promise<void>

/** What is wrong with a file, and how that is told. */
const SPOILED: readonly (readonly [name: string, spoil: Spoil, error: object])[] = [
  [
    'a letter in a number',
    async (key, lines) => publishLines(key, lines.with(5, String(lines[5]).replace(/\d\.\d/, 'x.1'))),
    { code: 'BAD_ROW', details: { line: 6 } },
  ],
  ['no zip', async (key) => publish(archive, key, Buffer.from('no zip')), { code: 'BAD_ARCHIVE' }],
  ['a header of nobody', async (key, lines) => publishLines(key, lines.with(0, 'a,b,c')), { code: 'BAD_FORMAT' }],
  [
    'another checksum',
    async (key) => {
      await archive.put(`${key}.CHECKSUM`, Buffer.from(`${'0'.repeat(64)}  ${nameOf(key)}\n`))
    },
    { code: 'CHECKSUM_MISMATCH' },
  ],
]

const run = async (dataset: string) => runPipeline(lake, { source: archive, datasets: [dataset], range, gold: [] })

async function gapsOf(dataset: string) {
  for await (const { gaps = [] } of listGaps(lake, { datasets: [dataset] })) return gaps
  return []
}

async function failedOf(dataset: string) {
  for await (const { failed } of measureQuality(lake, { datasets: [dataset] })) return failed
  return []
}

/** What a lake of good days alone holds of silver. */
async function silverOfGoodDays(dataset: string): Promise<Record<string, string>> {
  const good = memoryStore()
  await runPipeline(defineLake({ lake: good }), { source: archive, datasets: [dataset], range, gold: [] })
  return contentOf(good, 'silver/')
}

describe.each([
  ['metrics', METRICS, 3 * 288],
  ['trades', TRADES, 3 * 24],
] as const)('a day of %s that is refused', (type, dataset, rows) => {
  test.each(SPOILED)('for %s costs no other day, and is made up for when it is mended', async (_, spoil, error) => {
    await publishDays()
    const key = keyOf(type, THIRD)
    const lines = type === 'metrics' ? metricsOf(THIRD) : tradesOf(THIRD)
    await spoil(key, lines)
    const report = await run(dataset)
    expect(report.datasets).toMatchObject([{ rows }])
    expect(report.failures).toMatchObject([{ id: dataset, month: '2024-02', file: key, error }])
    expect(report.failures[0]?.error.message).toContain(`BTCUSDT-${type}-${THIRD}`)
    // Nothing of it is anywhere, but for the note that it failed.
    const content = await contentOf(lake.store, 'bronze/', 'silver/', 'quarantine/')
    expect(Object.keys(content).filter((one) => one.includes(THIRD))).toEqual([])
    const inventory = await lake.ledger.inventory(parseDatasetId(dataset))
    expect(inventory.map(({ sourceKey }) => sourceKey)).toEqual(
      DAYS.filter((day) => day !== THIRD).map((day) => keyOf(type, day)),
    )
    // It is tried again, and nothing else is done.
    expect(await run(dataset)).toMatchObject({ datasets: [{ rows, partitions: 0 }], failures: [{ file: key, error }] })
    await publishLines(key, lines)
    expect((await run(dataset)).failures).toEqual([])
    expect(await contentOf(lake.store, 'silver/')).toEqual(await silverOfGoodDays(dataset))
    expect(await readFailedMonths(lake.store, parseDatasetId(dataset))).toEqual([])
  })

  test('is told by what the lake knows of the dataset, until it is mended', async () => {
    await publishDays()
    const key = keyOf(type, THIRD)
    await publish(archive, key, Buffer.from('no zip'))
    await run(dataset)
    const since = '2024-03-20T00:00:00Z'
    const reason = expect.stringMatching(/^BAD_ARCHIVE: /) as unknown
    expect(await failedOf(dataset)).toEqual([{ month: '2024-02', file: key, reason, since }])
    // A run over other days of the month has not looked at it.
    const others = parseTimeRange('2024-02-10', '2024-02-12')
    await runPipeline(lake, { source: archive, datasets: [dataset], range: others, gold: [] })
    expect(await failedOf(dataset)).toHaveLength(1)
    await publishDays()
    await run(dataset)
    expect(await failedOf(dataset)).toEqual([])
  })

  test('leaves a lake of no other day as it was', async () => {
    await publish(archive, keyOf(type, THIRD), Buffer.from('no zip'))
    expect((await run(dataset)).failures).toMatchObject([{ month: '2024-02', error: { code: 'BAD_ARCHIVE' } }])
    expect(await contentOf(lake.store, 'bronze/', 'silver/', '_lake/inventory/', '_lake/manifests/')).toEqual({})
  })
})

describe('a month of metrics', () => {
  test('has a hole where its refused day would be, and the hole has its cause', async () => {
    await publishDays()
    await publishLines(keyOf('metrics', THIRD), metricsOf(THIRD).with(7, 'no,row'))
    await run(METRICS)
    expect(await gapsOf(METRICS)).toMatchObject([
      {
        ...parseTimeRange(THIRD, LAST),
        ...{ expected: 288, cause: 'failed-here', fillableBy: ['archive'] },
        because: expect.stringMatching(/BAD_ROW: .*BTCUSDT-metrics-2024-02-12.csv line 8 has 2 columns/) as unknown,
      },
    ])
  })

  test.each([
    ['first', FIRST, parseTimeRange(FIRST, '2024-02-11')],
    ['last', LAST, parseTimeRange(LAST, '2024-02-14')],
  ])('has such a hole at its %s day', async (_, day, hole) => {
    await publishDays()
    await publish(archive, keyOf('metrics', day), Buffer.from('no zip'))
    await run(METRICS)
    expect(await gapsOf(METRICS)).toMatchObject([{ ...hole, expected: 288, cause: 'failed-here' }])
  })

  test('is made of what is left when most of its days are refused, each told by itself', async () => {
    await publishDays()
    for (const day of DAYS.slice(1)) await publish(archive, keyOf('metrics', day), Buffer.from('no zip'))
    const report = await run(METRICS)
    expect(report.datasets).toMatchObject([{ rows: 288, partitions: 1 }])
    expect(report.failures.map(({ file }) => file)).toEqual(DAYS.slice(1).map((day) => keyOf('metrics', day)))
    expect(await failedOf(METRICS)).toHaveLength(3)
  })

  test('of exact decimals and in threads is made of its good days too, and told of in order', async () => {
    lake = defineLake({ lake: memoryStore(), decimals: 'exact', threads: 2 })
    await publishDays()
    await archive.put(`${keyOf('metrics', LAST)}.CHECKSUM`, Buffer.from('none'))
    await publishLines(keyOf('metrics', THIRD), metricsOf(THIRD, 'x'))
    const { datasets, failures } = await run(METRICS)
    expect(datasets).toMatchObject([{ rows: 2 * 288, partitions: 1 }])
    expect(failures).toMatchObject([
      { file: keyOf('metrics', THIRD), error: { code: 'BAD_ROW', details: { line: 2 } } },
      { file: keyOf('metrics', LAST), error: { code: 'BAD_FORMAT' } },
    ])
  })

  test('keeps the rows of a day whose file is replaced by a bad one', async () => {
    await publishDays()
    await run(METRICS)
    const before = await contentOf(lake.store, 'silver/', 'bronze/')
    await publish(archive, keyOf('metrics', THIRD), Buffer.from('no zip'))
    const report = await run(METRICS)
    expect(report).toMatchObject({ datasets: [{ rows: 4 * 288, partitions: 0 }], failures: [{ month: '2024-02' }] })
    expect(await contentOf(lake.store, 'silver/', 'bronze/')).toEqual(before)
    expect(await gapsOf(METRICS)).toEqual([])
    expect(await failedOf(METRICS)).toEqual([])
  })

  test('has nothing of a day of a form that nobody knows, and all of the next day of the known one', async () => {
    await publishDays()
    await publishLines(keyOf('metrics', THIRD), metricsOf(THIRD, '1.286330001234567890123'))
    const report = await run(METRICS)
    expect(report.failures).toMatchObject([
      {
        file: keyOf('metrics', THIRD),
        error: { code: 'BAD_FORMAT', details: { line: 2, column: 'count_toptrader_long_short_ratio' } },
      },
    ])
    const stored = await lake.ledger.manifest(silverSeries(parseDatasetId(METRICS)), '2024-02')
    expect(stored?.manifest.files).toMatchObject([{ rows: 3 * 288 }])
    expect(stored?.manifest.files[0]?.inputs).toHaveLength(3)
  })
})

describe('a file of which two months have rows', () => {
  const DATASET = 'okx/spot/trades/ETH-USDT'
  const SHIFTED = ['2025-10-31', '2025-11-01', '2025-11-02']
  const keyOfDay = (day: string): string => `trades/daily/${day.replaceAll('-', '')}/ETH-USDT-trades-${day}.zip`

  /** A trade an hour, from 16:00Z of the day before on. */
  function linesOf(day: string): string[] {
    const from = Date.parse(day) - 8 * 3_600_000
    const rows = Array.from({ length: 24 }, (_, hour) => {
      const time = from + hour * 3_600_000
      return `ETH-USDT,${time / 3_600_000},buy,2500.5,0.1,${time},0`
    })
    return ['instrument_name,trade_id,side,price,size,created_time,source', ...rows]
  }

  const publishDay = async (day: string, change = (line: string): string => line): Promise<void> =>
    publishLines(
      keyOfDay(day),
      linesOf(day).map((line, index) => (index === 20 ? change(line) : line)),
    )

  const runAll = async (store = lake) =>
    runPipeline(store, {
      source: archive,
      datasets: [DATASET],
      range: parseTimeRange('2025-10-31', '2025-11-03'),
      gold: [],
    })

  test('is refused in both of them, and whole once it is mended', async () => {
    for (const day of SHIFTED) await publishDay(day)
    await publishDay('2025-11-01', (line) => line.replace('2500.5', 'x'))
    const { datasets, failures } = await runAll()
    expect(failures).toMatchObject(
      ['2025-10', '2025-11'].map((month) => ({ month, file: keyOfDay('2025-11-01'), error: { code: 'BAD_ROW' } })),
    )
    // Of both others what the range has: the file of 31 October from 16:00Z of the day before on.
    expect(datasets).toMatchObject([{ rows: 48 }])
    const held = (await lake.ledger.inventory(parseDatasetId(DATASET))).map(({ sourceKey }) => sourceKey)
    expect(held).toEqual([keyOfDay('2025-10-31'), keyOfDay('2025-11-02')])
    await publishDay('2025-11-01')
    expect(await runAll()).toMatchObject({ datasets: [{ rows: 72 }], failures: [] })
    const good = defineLake({ lake: memoryStore() })
    await runAll(good)
    expect(await contentOf(lake.store, 'silver/')).toEqual(await contentOf(good.store, 'silver/'))
  })
})
