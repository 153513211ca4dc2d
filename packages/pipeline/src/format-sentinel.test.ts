import { inventoryKey, type ObjectStore, parseDatasetId, parsePeriod, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type RunReport, runPipeline } from './index.ts'
import { contentOf, publish } from './testing/fixtures.ts'

const HOURS = 'binance/spot/klines/BTCUSDT/1h'
const TICKS = 'binance/spot/trades/BTCUSDT'
const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'

let archive: ObjectStore
let store: ObjectStore

beforeEach(() => {
  archive = memoryStore()
  store = memoryStore()
})

describe('what a file looks like', () => {
  test('is kept in the inventory', async () => {
    await publishHours('2024-11')
    await take()
    const [file] = await defineLake({ lake: store }).ledger.inventory(parseDatasetId(HOURS))
    expect(file?.fingerprint?.places).toMatchObject({ open: 8, volume: 8 })
    expect({ ...file?.fingerprint, places: {} }).toEqual({
      format: 'binance-klines',
      era: null,
      header: null,
      columns: 12,
      timeUnit: 'ms',
      places: {},
      order: 'ascending',
      repeatedRows: 0,
      rows: 720,
      expectedRows: 720,
      days: 30,
    })
  })

  test('may change as the format knows, and the report tells what, and since which file', async () => {
    await publishHours('2024-11')
    await publishHours('2024-12', { header: true })
    await publishHours('2025-01', { header: true, unit: 1000 })
    const { datasets, failures } = await take()
    expect(failures).toEqual([])
    const folder = 'bronze/binance/archive/data/spot/monthly/klines/BTCUSDT/1h'
    expect(datasets[0]?.formatChanges).toEqual([
      { what: 'header', from: 'none', to: HEADER, file: `${folder}/BTCUSDT-1h-2024-12.zip`, files: 1 },
      { what: 'timeUnit', from: 'ms', to: 'us', file: `${folder}/BTCUSDT-1h-2025-01.zip`, files: 1 },
    ])
    expect((await take()).datasets[0]?.formatChanges).toEqual([])
  })

  test('is told once for a column whose decimals have other places in every file', async () => {
    const places = ['101.5', '101.25', '101.125', '101']
    for (const [index, close] of places.entries()) {
      await publishHours(`2024-0${index + 1}`, { change: (_, cells) => cells.with(4, close) })
    }
    const { datasets } = await take()
    const file = 'bronze/binance/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-02.zip'
    expect(datasets[0]?.formatChanges).toEqual([
      { what: 'places', column: 'close', from: '0', to: '3', file, files: 3 },
    ])
  })

  test('may have far fewer rows than before, which is told and stops nothing', async () => {
    const half = (row: number, cells: string[]): string[] => (row < 372 ? cells : [])
    await publishHours('2024-12')
    await publishHours('2025-01', { change: half })
    await publishHours('2025-02')
    await publishHours('2025-03', { change: half })
    const { datasets, failures } = await take()
    expect(failures).toEqual([])
    const file = 'bronze/binance/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2025-01.zip'
    expect(datasets[0]?.formatChanges).toEqual([{ what: 'rows', from: '744 of 744', to: '372 of 744', file, files: 2 }])
  })

  test('does not alter a byte of what is written', async () => {
    await publishHours('2025-01', { header: true, unit: 1000 })
    await take()
    const alone = await contentOf(store, 'silver/')
    store = memoryStore()
    await publishHours('2024-12')
    await take()
    expect(await contentOf(store, 'silver/')).toMatchObject(alone)
  })
})

describe('a change that the format does not know', () => {
  const refusal = {
    code: 'BAD_FORMAT',
    details: { file: 'BTCUSDT-1h-2025-01.csv', line: 4, column: 'close', value: '101.123456789' },
  }
  const finer = (row: number, cells: string[]): string[] => (row === 3 ? cells.with(4, '101.123456789') : cells)

  test('stops the file with line, column and value before anything is written, and not the next', async () => {
    await publishHours('2024-12')
    await publishHours('2025-01', { change: finer })
    await publishHours('2025-02')
    const { datasets, failures } = await take()
    expect(failures).toMatchObject([{ id: HOURS, month: '2025-01', error: refusal }])
    expect(failures[0]?.error.message).toContain('has 9 decimal places; up to 8 are known')
    expect(datasets[0]?.rows).toBe(744 + 672)
    const keys = Object.keys(await contentOf(store, ''))
    expect(keys.filter((key) => key.includes('2025-01'))).toEqual([])
  })

  test('is none in the first file of a dataset, and then known', async () => {
    await publishHours('2025-01', { change: finer })
    await publishHours('2025-02', { change: finer })
    expect((await take()).failures).toEqual([])
  })

  test.each([
    ['whose inventory was lost in a crash', async () => store.delete(inventoryKey(parseDatasetId(HOURS)))],
    ['of a release that did not keep forms', forgetForms],
  ])('is found in a lake %s', async (_, damage) => {
    await publishHours('2024-12')
    await take()
    await damage()
    await publishHours('2025-01', { change: finer })
    const range = { from: parsePeriod('2024-12').from, to: parsePeriod('2025-01').to }
    expect((await take(HOURS, range)).failures).toMatchObject([{ month: '2025-01', error: refusal }])
  })

  test('is times that go back from microseconds to milliseconds', async () => {
    await publishHours('2025-01', { unit: 1000 })
    await publishHours('2025-02')
    const { failures } = await take()
    expect(failures).toMatchObject([
      { month: '2025-02', error: { code: 'BAD_FORMAT', details: { value: 'ms', line: 1 } } },
    ])
  })

  test('is found when the file before has come from another run', async () => {
    await publishHours('2025-01', { unit: 1000 })
    await take()
    await publishHours('2025-02')
    const from = parsePeriod('2025-02')
    expect((await take(HOURS, from)).failures).toMatchObject([{ month: '2025-02', error: { code: 'BAD_FORMAT' } }])
  })

  test('is found in days of ticks, and in a month of them', async () => {
    await publishTicks('daily', '2025-01-31', 1000)
    await publishTicks('monthly', '2025-02')
    await publishTicks('daily', '2025-03-01')
    const { failures, datasets } = await take(TICKS)
    expect(failures.map(({ month, error }) => [month, error.code])).toEqual([
      ['2025-02', 'BAD_FORMAT'],
      ['2025-03', 'BAD_FORMAT'],
    ])
    expect(datasets[0]?.rows).toBe(2)
  })

  test('is none where the file before never became rows', async () => {
    await publishHours('2024-12', { unit: 1000, change: (_, cells) => cells.slice(1) })
    await publishHours('2025-01')
    const lake = defineLake({ lake: store })
    const key = 'data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-12.zip'
    // Somebody has synced it into bronze.
    const { etag, size } = await store.put(`bronze/binance/archive/${key}`, await readObject(archive, key))
    const held = { sourceKey: key, key: `bronze/binance/archive/${key}`, etag, size, verified: false }
    await lake.ledger.recordInventory(parseDatasetId(HOURS), [held])
    expect((await take(HOURS, parsePeriod('2025-01'))).failures).toEqual([])
  })
})

interface HoursOptions {
  readonly header?: boolean
  /** Units of time in a millisecond. */
  readonly unit?: number
  readonly change?: (row: number, cells: string[]) => string[]
}

async function publishHours(month: string, { header = false, unit = 1, change }: HoursOptions = {}): Promise<void> {
  const { from, to } = parsePeriod(month)
  const lines: string[] = header ? [HEADER] : []
  for (let row = 0, open = from / 1000; open < to / 1000; row++, open += 3_600_000) {
    const close = (open + 3_600_000) * unit - 1
    const numbers = ['100.00000000', '102.00000000', '99.00000000', '101.00000000', '5.00000000']
    const cells = [
      String(open * unit),
      ...numbers,
      String(close),
      '505.00000000',
      '7',
      '2.00000000',
      '202.00000000',
      '0',
    ]
    const changed = change?.(row, cells) ?? cells
    if (changed.length > 0) lines.push(changed.join(','))
  }
  await publishCsv(`data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-${month}`, lines)
}

async function publishTicks(kind: 'daily' | 'monthly', label: string, unit = 1): Promise<void> {
  const { from } = parsePeriod(label)
  const lines = [1, 2].map((id) => `${from + id},100.1,0.5,50.05,${(from / 1000 + id) * unit},True,True`)
  await publishCsv(`data/spot/${kind}/trades/BTCUSDT/BTCUSDT-trades-${label}`, lines)
}

async function publishCsv(stem: string, lines: readonly string[]): Promise<void> {
  const name = `${stem.slice(stem.lastIndexOf('/') + 1)}.csv`
  await publish(
    archive,
    `${stem}.zip`,
    await writeZip([{ name, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) }]),
  )
}

async function take(dataset = HOURS, range?: { from: number; to: number }): Promise<RunReport> {
  const lake = defineLake({ lake: store, threads: 2 })
  return runPipeline(lake, { source: archive, datasets: [dataset], range, gold: [] })
}

async function forgetForms(): Promise<void> {
  const key = inventoryKey(parseDatasetId(HOURS))
  const text = new TextDecoder().decode(await readObject(store, key))
  await store.put(key, new TextEncoder().encode(text.replace(/,?\s*"fingerprint":\s*\{[^{}]*\{[^{}]*\}[^{}]*\}/g, '')))
}
