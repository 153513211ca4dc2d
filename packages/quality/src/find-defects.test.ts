import { DAY_MICROS, formatInstant, type LakeTable, parseTimeRange, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { findDefects } from './find-defects.ts'
import type { DayDefect } from './day-defect.ts'
import { findGaps } from './find-gaps.ts'
import { realDays } from './testing/real-bars.ts'

const range = parseTimeRange('2020-01-01', '2020-01-04')
const MINUTE = 60_000_000
const second = range.from + DAY_MICROS

let rows: Row[]
let real: LakeTable<'klines'>

beforeAll(async () => {
  real = await realDays()
  rows = rowsOfTable(real)
})

describe('findDefects of real days', () => {
  test('finds nothing in them', () => {
    expect(find(rows)).toEqual([])
    expect(find(rows, real)).toEqual([])
  })

  test('names a day that was removed', () => {
    expect(find(rows.filter((row) => !isSecond(row)))).toEqual([
      { day: '2020-01-02', defect: 'missing', because: 'It has no bar.' },
    ])
  })

  test('says nothing of the ends of days where bars without trades are left out, but of whole days', () => {
    const thin = rows.filter((row, index) => !isSecond(row) && index % 700 === 5)
    const found = findDefects(tableOf(thin), { interval: '1m', range, omitsEmptyBars: true })
    expect(found).toEqual([{ day: '2020-01-02', defect: 'missing', because: 'It has no bar.' }])
    expect(find(thin).map(({ defect }) => defect)).toEqual(['missing', 'cut'])
  })

  test.each([
    ['behind itself', (): Row[] => [...rows.slice(0, 2880), ...rows.slice(1440)]],
    ['row by row', (): Row[] => rows.flatMap((row) => (isSecond(row) ? [row, row] : [row]))],
  ])('names a day that stands twice, %s', (_, doubled) => {
    expect(find(doubled())).toMatchObject([{ day: '2020-01-02', defect: 'doubled' }])
  })

  test.each([
    ['the first day', '2020-01-01', 1],
    ['a day in the middle', '2020-01-02', 1],
    ['a day in the middle', '2020-01-02', -1],
    ['a day by hours', '2020-01-02', 120],
    ['the last day', '2020-01-03', 1],
    ['the first day', '2020-01-01', -1],
  ])('names %s, %s, that stands %i minutes off', (_, day, minutes) => {
    const moved = rows.map((row) => (dayOf(row) === day ? shifted(row, minutes) : row))
    expect(find(moved)).toMatchObject([{ day, defect: 'shifted', shift: minutes * MINUTE }])
    if (Math.abs(minutes) < 60) {
      expect(find(moved, real)).toMatchObject([{ day, defect: 'shifted', shift: minutes * MINUTE }])
    }
  })

  test.each([2, -2])('names all days of a file that is shifted as a whole, by %i minutes', (minutes) => {
    const moved = rows.map((row) => shifted(row, minutes))
    const expected = ['2020-01-01', '2020-01-02', '2020-01-03'].map((day) => [day, 'shifted', minutes * MINUTE])
    const brief = (defects: readonly DayDefect[]): unknown[] =>
      defects.map(({ day, defect, shift }) => [day, defect, shift])
    expect(brief(find(moved))).toEqual(expected)
    expect(brief(find(moved, real))).toEqual(expected)
    // Cut to its period, as a parser does with rows of other days, the file betrays itself by its values only.
    const inside = moved.filter((row) => Number(row['ts_event']) >= range.from && Number(row['ts_event']) < range.to)
    expect(brief(find(inside))).toEqual([])
    expect(brief(find(inside, real))).toEqual(expected)
  })

  test('names a file that was written by half, and the gap that it leaves', () => {
    const half = rows.slice(0, 2000)
    expect(find(half)).toEqual([
      { day: '2020-01-02', defect: 'cut', because: 'It has no bar from 2020-01-02T09:20:00Z on.' },
      { day: '2020-01-03', defect: 'missing', because: 'It has no bar.' },
    ])
    expect(findGaps(tableOf(half), { interval: '1m', range })).toEqual([
      { from: second + 560 * MINUTE, to: range.to, expected: 2320 },
    ])
    expect(find(rows.slice(100))).toEqual([
      { day: '2020-01-01', defect: 'cut', because: 'It has no bar before 2020-01-01T01:40:00Z.' },
    ])
  })

  test('names a day of another symbol from the breaks at its seams', () => {
    const foreign = rows.map((row) => (isSecond(row) ? scaled(row, 0.018) : row))
    expect(find(foreign)).toMatchObject([{ day: '2020-01-02', defect: 'foreign' }])
    expect(find(foreign, real)).toEqual([
      { day: '2020-01-02', defect: 'foreign', because: 'Only 0 % of its prices are within 5 % of the reference.' },
    ])
    const last = rows.map((row) => (dayOf(row) === '2020-01-03' ? scaled(row, 30) : row))
    expect(find(last)).toMatchObject([{ day: '2020-01-03', defect: 'foreign' }])
  })

  test('names a file of another symbol only with a reference', () => {
    const foreign = rows.map((row) => scaled(row, 0.018))
    expect(find(foreign)).toEqual([])
    expect(find(foreign, real).map(({ defect }) => defect)).toEqual(['foreign', 'foreign', 'foreign'])
  })

  test('leaves single missing bars and values a little off to others', () => {
    const holes = rows.filter((_, index) => index % 97 !== 5)
    expect(find(holes)).toEqual([])
    expect(
      find(
        rows.map((row) => scaled(row, 1.0001)),
        real,
      ),
    ).toEqual([])
    expect(find([], real).map(({ defect }) => defect)).toEqual(['missing', 'missing', 'missing'])
  })

  test('refuses ranges that are not of whole days', () => {
    expect(() => findDefects(real, { interval: '1m', range: { from: range.from, to: range.to - 1 } })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
    expect(() => findDefects(real, { interval: '1d', range })).toThrow(/shorter than a day/)
  })
})

function find(of: readonly Row[], reference?: LakeTable<'klines'>): DayDefect[] {
  return findDefects(tableOf(of), { interval: '1m', range, reference })
}

function tableOf(of: readonly Row[]): LakeTable<'klines'> {
  return tableOfRows(tableSchema('klines'), of)
}

function dayOf(row: Row): string {
  return formatInstant(Number(row['ts_event'])).slice(0, 10)
}

function isSecond(row: Row): boolean {
  return dayOf(row) === '2020-01-02'
}

function shifted(row: Row, minutes: number): Row {
  const by = BigInt(minutes * MINUTE)
  return { ...row, ts_event: BigInt(Number(row['ts_event'])) + by }
}

function scaled(row: Row, factor: number): Row {
  const prices: Row = Object.fromEntries(
    ['open', 'high', 'low', 'close'].map((name) => [name, Number(row[name]) * factor]),
  )
  return { ...row, ...prices }
}
