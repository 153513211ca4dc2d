import { readFile } from 'node:fs/promises'
import {
  type DatasetId,
  type DataType,
  DAY_MICROS,
  type LakeTable,
  parsePeriod,
  parseTimeRange,
  tableSchema,
} from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import { binance } from '@lake/exchanges'
import { parseArchiveFile } from '@lake/parse'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkTable } from './check-table.ts'
import { contractFor } from './contract-for.ts'
import { findDefects } from './find-defects.ts'
import { findFundingGaps } from './find-funding-gaps.ts'
import { findIdGaps } from './find-id-gaps.ts'

// What is wrong with a file as a whole, for each kind of real file but minute bars, which have a test of their own.

async function read<D extends DataType>(
  key: string,
  dataset: DatasetId & { readonly dataType: D },
  label: string,
): Promise<LakeTable<D>> {
  const { table } = await parseArchiveFile({
    ...{ dataset, period: parsePeriod(label), name: key, formats: binance.formats ?? [] },
    bytes: await readFile(new URL(`../../../fixtures/archive/data/${key}`, import.meta.url)),
  })
  return table
}

const timeOf = (row: Row): number => Number(row['ts_event'])

describe('hourly bars of two days', () => {
  const dataset = {
    exchange: 'binance',
    market: 'spot',
    dataType: 'klines',
    symbol: 'BTCUSDT',
    interval: '1h',
  } as const
  const range = parseTimeRange('2026-05-08', '2026-05-10')
  let rows: Row[]
  beforeAll(async () => {
    const days = ['2026-05-08', '2026-05-09'].map(async (day) =>
      read(`spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-${day}.zip`, dataset, day),
    )
    rows = (await Promise.all(days)).flatMap((day) => rowsOfTable(day))
  })
  const isSecond = (row: Row): boolean => timeOf(row) >= range.from + DAY_MICROS
  const defects = (of: readonly Row[]): unknown[] =>
    findDefects(tableOfRows(tableSchema('klines'), of), { interval: '1h', range }).map(({ day, defect }) => [
      day,
      defect,
    ])

  test('are whole', () => {
    expect(rows).toHaveLength(48)
    expect(defects(rows)).toEqual([])
  })

  test.each<[string, (all: Row[]) => Row[], string]>([
    ['missing', (all) => all.filter((row) => !isSecond(row)), 'missing'],
    ['doubled', (all) => all.flatMap((row) => (isSecond(row) ? [row, row] : [row])), 'doubled'],
    ['shifted', (all) => all.map((row) => (isSecond(row) ? moved(row, 3_600_000_000) : row)), 'shifted'],
    ['written by half', (all) => all.slice(0, 36), 'cut'],
    ['of another symbol', (all) => all.map((row) => (isSecond(row) ? scaled(row, 0.03) : row)), 'foreign'],
  ])('name a day that is %s', (_, spoil, defect) => {
    expect(defects(spoil(rows))).toEqual([['2026-05-09', defect]])
  })
})

describe('a month of funding', () => {
  const range = parseTimeRange('2026-04-01', '2026-05-01')
  const day = parseTimeRange('2026-04-10', '2026-04-11')
  const dataset = { exchange: 'binance', market: 'um', dataType: 'fundingRate', symbol: 'BTCUSDT' } as const
  let rows: Row[]
  beforeAll(async () => {
    const key = 'um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip'
    rows = rowsOfTable(await read(`futures/${key}`, dataset, '2026-04'))
  })
  const isIn = (row: Row): boolean => timeOf(row) >= day.from && timeOf(row) < day.to
  const gaps = (of: readonly Row[]): unknown[] =>
    findFundingGaps(tableOfRows(tableSchema('fundingRate'), of), { range })
  const found = (of: readonly Row[]): string[] =>
    checkTable(tableOfRows(tableSchema('fundingRate'), of), contractFor('fundingRate')).violations.map(
      ({ name }) => name,
    )

  test('is whole', () => {
    expect(rows).toHaveLength(90)
    expect(gaps(rows)).toEqual([])
    expect(found(rows)).toEqual([])
  })

  test('names what a day that was removed, and a half that was not written, lack', () => {
    expect(gaps(rows.filter((row) => !isIn(row)))).toMatchObject([{ expected: 3 }])
    expect(gaps(rows.slice(0, 45))).toMatchObject([{ to: range.to, expected: 45 }])
  })

  test('a day that stands twice is refused', () => {
    expect(found(rows.flatMap((row) => (isIn(row) ? [row, row] : [row])))).toEqual(['ascending(ts_event)'])
  })
})

describe('a day of aggregated trades', () => {
  const dataset = { exchange: 'binance', market: 'cm', dataType: 'aggTrades', symbol: 'BTCUSD_PERP' } as const
  let table: LakeTable<'aggTrades'>
  let rows: Row[]
  beforeAll(async () => {
    const key = 'futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip'
    table = await read(key, dataset, '2026-05-08')
    rows = rowsOfTable(table.slice(0, 5000))
  })
  const contract = contractFor('aggTrades', { countsContracts: true })
  const tableOf = (of: readonly Row[]): LakeTable<'aggTrades'> => tableOfRows(tableSchema('aggTrades'), of)

  test('is whole', () => {
    expect(table.numRows).toBe(105_280)
    expect(checkTable(table, contract)).toMatchObject({ score: 100, publishable: true })
    expect(findIdGaps(table, { idColumn: 'agg_trade_id' })).toEqual([])
  })

  test('names ids that were removed, and rows that stand twice', () => {
    const holed = [...rows.slice(0, 2000), ...rows.slice(2500)]
    expect(findIdGaps(tableOf(holed), { idColumn: 'agg_trade_id' })).toMatchObject([{ missing: 500n }])
    const twice = rows.flatMap((row) => [row, row])
    expect(checkTable(tableOf(twice), contract).violations).toMatchObject([
      { name: 'ascending(agg_trade_id)', rows: 5000 },
    ])
  })

  test('rows of another symbol in between break the price and the ids', () => {
    const foreign = rows.map((row, index) =>
      index === 2500 ? { ...row, price: Number(row['price']) * 0.03, agg_trade_id: 7n } : row,
    )
    const names = checkTable(tableOf(foreign), contract).violations.map(({ name }) => name)
    expect(names).toEqual(['ascending(agg_trade_id)', 'spike(price)'])
  })
})

function moved(row: Row, by: number): Row {
  return { ...row, ts_event: BigInt(timeOf(row) + by) }
}

function scaled(row: Row, factor: number): Row {
  const prices = ['open', 'high', 'low', 'close'].map((name) => [name, Number(row[name]) * factor] as const)
  return { ...row, ...Object.fromEntries(prices) }
}
