import {
  type DataType,
  DATA_TYPES,
  intervalMicros,
  isBarType,
  type LakeTable,
  parseInstant,
  tableSchema,
} from '@lake/core'
import { type Row, rowsOfTable, type RowValue, tableOfRows } from '@lake/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CheckResult, checkTable, type QualityReport } from './check-table.ts'
import { contractFor } from './contract-for.ts'
import { type Check, type Contract, defineContract } from './contract.ts'
import { realDay } from './testing/real-bars.ts'

const start = parseInstant('2024-01-01')
const MINUTE = intervalMicros('1m')
const contract = contractFor('klines', { interval: '1m' })

describe('checkTable of real bars', () => {
  let real: LakeTable<'klines'>
  let rows: Row[]
  beforeAll(async () => {
    real = await realDay('2020-01-01')
    rows = rowsOfTable(real)
  })

  test('finds nothing in a day of 2020', () => {
    expect(checkTable(real, contract)).toEqual({
      rows: 1440,
      score: 100,
      publishable: true,
      violations: [],
      checks: contract.checks.length,
      skipped: [],
    })
  })

  test('blocks a day that stands twice, and one whose rows stand in another order', () => {
    const twice = checkTable(real.concat(real), contract)
    expect(twice.publishable).toBe(false)
    expect(names(twice)).toEqual(['ascending(ts_event)'])
    expect(
      checkTable(
        tableOf(
          'klines',
          rows.flatMap((row) => [row, row]),
        ),
        contract,
      ).violations,
    ).toMatchObject([{ name: 'ascending(ts_event)', severity: 'failing', rows: 1440 }])
    expect(names(checkTable(tableOf('klines', [...rows].reverse()), contract))).toEqual(['ascending(ts_event)'])
  })

  test('shows rows with their values, at most ten', () => {
    const bad = rows.map((row, index) => (index % 100 === 7 ? { ...row, high: 1 } : row))
    const report = checkTable(tableOf('klines', bad), contract)
    const [ohlc] = report.violations
    expect(ohlc).toMatchObject({ name: 'ohlc', severity: 'failing', rows: 15 })
    expect(ohlc?.first).toHaveLength(10)
    expect(ohlc?.first[1]).toEqual({
      row: 107,
      time: Number(rows[107]?.['ts_event']),
      values: { open: rows[107]?.['open'], high: 1, low: rows[107]?.['low'], close: rows[107]?.['close'] },
    })
    expect(structuredClone(report)).toEqual(report)
  })

  test('lets the bars around an outage pass with a warning', () => {
    const moved = rows.map((row, index) =>
      index === 700
        ? {
            ...row,
            ts_event: BigInt(Number(row['ts_event']) + 7_000_000),
            close_time: BigInt(Number(row['close_time']) - 30_000_000),
          }
        : row,
    )
    const report = checkTable(tableOf('klines', moved), contract)
    expect(report.publishable).toBe(true)
    expect(names(report)).toEqual(['grid', 'short-bar'])
  })

  test('reads the score off the formula', () => {
    const spoiled = (severity: 'failing' | 'warning', share: number): number => {
      const test = (): number[] => Array.from({ length: share * 1440 }, (_, row) => row)
      const checks: Check[] = [{ check: 'custom', name: 'mine', severity, test }]
      return checkTable(real, { dataType: 'klines', checks }).score
    }
    expect(spoiled('failing', 0.25)).toBe(50)
    expect(spoiled('warning', 0.25)).toBe(90)
    expect(spoiled('failing', 1)).toBe(0)
    expect(checkTable(real, contract, { expectedRows: 2880 }).score).toBe(50)
    expect(checkTable(real, contract, { expectedRows: 10 }).score).toBe(100)
    expect(checkTable(real.slice(0, 0), contract, { expectedRows: 0 }).score).toBe(100)
    expect(checkTable(real.slice(0, 0), contract, { expectedRows: 5 }).score).toBe(0)
    // One row in many keeps the score from being full.
    const one = rows.map((row, index) => (index === 5 ? { ...row, volume: -1 } : row))
    expect(checkTable(tableOf('klines', one), contract).score).toBeLessThan(98)
  })
})

describe('a check of', () => {
  test.each<[string, Check, Row[], number[]]>([
    [
      'ascending ids compares 64 bits',
      { check: 'ascending', column: 'update_id', strict: true, severity: 'failing' },
      [2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 1n, 2n ** 60n, -5n, 2n ** 32n, 2n ** 32n - 1n].map((id) => ({
        update_id: id,
      })),
      [2, 3, 4, 6],
    ],
    [
      'ascending, not strict, lets equal ones pass',
      { check: 'ascending', column: 'update_id', severity: 'failing' },
      [1n, 1n, null, 1n, null, 0n].map((id) => ({ update_id: id })),
      [5],
    ],
    [
      'bounds marks a row once',
      { check: 'bounds', columns: ['bid_price', 'ask_price'], above: 0, max: 10, severity: 'failing' },
      [
        { bid_price: 0, ask_price: 11 },
        { bid_price: 1, ask_price: 10 },
        { bid_price: null, ask_price: 1 },
        { bid_price: 1, ask_price: -1 },
      ],
      [0, 3],
    ],
    [
      'ordered columns',
      { check: 'ordered', lower: 'bid_price', upper: 'ask_price', tolerance: 0.1, severity: 'failing' },
      [
        { bid_price: 11, ask_price: 10 },
        { bid_price: 11.1, ask_price: 10 },
        { bid_price: null, ask_price: 1 },
      ],
      [1],
    ],
    [
      'words',
      { check: 'words', column: 'source', allowed: ['archive'], severity: 'failing' },
      [{ source: 'archive' }, { source: 'rest' }, { source: null }],
      [1],
    ],
    [
      'products',
      {
        check: 'product',
        left: 'bid_price',
        right: 'bid_size',
        product: 'ask_price',
        tolerance: 0.01,
        severity: 'failing',
      },
      [
        { bid_price: 2, bid_size: 3, ask_price: 6.05 },
        { bid_price: 2, bid_size: 3, ask_price: 7 },
        { bid_price: 2, bid_size: 3, ask_price: null },
      ],
      [1],
    ],
    [
      'zeros that come together',
      { check: 'together', columns: ['bid_price', 'bid_size'], severity: 'failing' },
      [
        { bid_price: 0, bid_size: 0 },
        { bid_price: 0, bid_size: 1 },
        { bid_price: 1, bid_size: 1 },
        { bid_price: 0, bid_size: null },
      ],
      [1],
    ],
    [
      'spikes on both sides',
      { check: 'spike', column: 'bid_price', limit: 0.2, severity: 'warning' },
      [10, 12.1, 10, 7.9, 10, 12.1, 12.1, 10, 0, 10].map((bid_price) => ({ bid_price })),
      [1, 3],
    ],
    [
      'jumps',
      { check: 'jump', column: 'bid_price', limit: 0.5, severity: 'warning' },
      [10, 15, 15.1, 30, 19].map((bid_price) => ({ bid_price })),
      [3, 4],
    ],
    [
      'stuck values',
      { check: 'stuck', column: 'bid_price', rows: 3, severity: 'warning' },
      [1, 1, 1, 2, 2, 3, 3, 3, 3].map((bid_price) => ({ bid_price })),
      [0, 1, 2, 5, 6, 7, 8],
    ],
    [
      'stuck values, unless nothing is traded',
      { check: 'stuck', column: 'bid_price', rows: 2, unless: 'bid_size', severity: 'warning' },
      [
        [1, 1],
        [1, 0],
        [1, 1],
        [1, 1],
        [1, null],
        [2, 0],
      ].map(([bid_price = null, bid_size = null]) => ({ bid_price, bid_size })),
      [2, 3],
    ],
  ])('%s', (_, check, rows, violating) => {
    const table = tableOf(
      'bookTicker',
      rows.map((row, index) => ({ ts_event: BigInt(start + index), ...row })),
    )
    const [result] = checkTable(table, { dataType: 'bookTicker', checks: [check] }).violations
    expect(result?.first.map(({ row }) => row) ?? []).toEqual(violating)
    expect(result?.rows ?? 0).toBe(violating.length)
  })

  test('close times knows the length of each interval', () => {
    const bar = (open: string, close: string): Row => ({
      ts_event: BigInt(parseInstant(open)),
      close_time: BigInt(parseInstant(close)),
    })
    const results = (interval: '1m' | '1mo', bars: Row[]): CheckResult[] => [
      ...checkTable(tableOf('klines', bars), {
        dataType: 'klines',
        checks: contractFor('klines', { interval }).checks.filter(({ check }) =>
          ['close-time', 'short-bar'].includes(check),
        ),
      }).violations,
    ]
    expect(
      results('1m', [bar('2024-01-01', '2024-01-01T00:00:59.999Z'), bar('2024-01-01', '2024-01-01T00:00:59.999999Z')]),
    ).toEqual([])
    expect(
      results('1m', [bar('2024-01-01', '2024-01-01T00:01:00Z'), bar('2024-01-01T00:05:00Z', '2024-01-01')]),
    ).toMatchObject([
      { name: 'close-time', rows: 2 },
      { name: 'short-bar', rows: 1 },
    ])
    expect(results('1mo', [bar('2024-02-01', '2024-02-29T23:59:59.999Z')])).toEqual([])
    expect(results('1mo', [bar('2024-02-01', '2024-02-28T23:59:59.999Z')])).toMatchObject([{ name: 'short-bar' }])
  })

  test('vwap counts contracts where a contract has a size', () => {
    const bar = { high: 34_100, low: 34_000, volume: 409_953, quote_volume: 1202.97 }
    const table = tableOf('klines', [bar, { ...bar, volume: 0 }, { ...bar, quote_volume: null }])
    const of = (contractSize: number | undefined): QualityReport =>
      checkTable(table, {
        dataType: 'klines',
        checks: [{ check: 'vwap', tolerance: 1e-3, contractSize, severity: 'warning' }],
      })
    expect(of(100).violations).toEqual([])
    expect(of(undefined).violations).toMatchObject([{ name: 'vwap', rows: 1 }])
  })

  test('another table, at the times that both have', () => {
    const last = tableOf(
      'klines',
      [0, 1, 2, 4].map((minute) => ({ ts_event: BigInt(start + minute * MINUTE), close: 100 })),
    )
    const mark = tableOf(
      'markPriceKlines',
      [1, 2, 3, 4].map((minute) => ({ ts_event: BigInt(start + minute * MINUTE), close: minute === 2 ? 80 : 101 })),
    )
    const checks: Check[] = [
      { check: 'near', column: 'close', reference: 'mark', other: 'close', limit: 0.05, severity: 'warning' },
    ]
    const report = checkTable(last, { dataType: 'klines', checks }, { references: { mark } })
    expect(report.violations).toMatchObject([
      { name: 'near(close, mark.close)', rows: 1, first: [{ row: 2, values: { close: 100 } }] },
    ])
    expect(checkTable(last, { dataType: 'klines', checks })).toMatchObject({
      skipped: ['near(close, mark.close)'],
      checks: 0,
    })
  })

  test('ids beyond 2^53 is shown as text', () => {
    const rows = [2n ** 60n, 2n ** 60n].map((id) => ({ ts_event: BigInt(start), update_id: id }))
    const { violations } = checkTable(tableOf('bookTicker', rows), contractFor('bookTicker'))
    expect(violations.find(({ name }) => name === 'ascending(update_id)')?.first[0]?.values).toEqual({
      update_id: String(2n ** 60n),
    })
  })
})

describe('contracts', () => {
  test.each(DATA_TYPES)('of %s let a plain table pass', (dataType) => {
    const interval = isBarType(dataType) ? '1m' : undefined
    const rows = [0, 1, 2].map((minute) => plainRow(dataType, minute))
    const report = checkTable(tableOf(dataType, rows), contractFor(dataType, { interval }))
    expect(report.violations).toEqual([])
    // Only what needs another table is left out.
    expect(report.skipped.filter((name) => !name.startsWith('near('))).toEqual([])
    expect(report.checks).toBeGreaterThan(2)
  })

  test('of premiums allow negative ones', () => {
    const rows = [0, 1].map((minute) => ({
      ...plainRow('premiumIndexKlines', minute),
      open: -0.1,
      high: -0.1,
      low: -0.2,
      close: -0.2,
    }))
    expect(checkTable(tableOf('premiumIndexKlines', rows), contractFor('premiumIndexKlines')).violations).toEqual([])
    expect(checkTable(tableOf('markPriceKlines', rows), contractFor('markPriceKlines')).publishable).toBe(false)
  })

  test('of premiums warn of an open outside of low and high, and refuse a close that is', () => {
    // Two days in a row as Bybit answered: the second opens where the first closed.
    const [first, second] = [
      { open: 0.000049, high: 0.000104, low: 0.00001, close: 0.000104 },
      { open: 0.000104, high: 0.000103, low: 0, close: 0 },
    ]
    const of = (last: typeof second): QualityReport => {
      const rows = [first, last].map((prices, minute) => ({ ...plainRow('premiumIndexKlines', minute), ...prices }))
      return checkTable(tableOf('premiumIndexKlines', rows), contractFor('premiumIndexKlines'))
    }
    expect(of(second).publishable).toBe(true)
    expect(of(second).violations).toMatchObject([{ name: 'ohlc', severity: 'warning' }])
    expect(of({ ...second, close: 0.000104 }).publishable).toBe(false)
    expect(of({ ...second, low: 0.000104 }).publishable).toBe(false)
  })

  test('of funding warn of high rates and refuse absurd ones', () => {
    const of = (rate: number): QualityReport =>
      checkTable(
        tableOf('fundingRate', [{ ...plainRow('fundingRate', 0), funding_rate: rate }]),
        contractFor('fundingRate'),
      )
    expect(of(0.04)).toMatchObject({ publishable: true, violations: [{ severity: 'warning' }] })
    expect(of(-2)).toMatchObject({ publishable: false })
  })

  test('can be extended, also by functions', () => {
    const own = defineContract({
      dataType: 'klines',
      checks: [
        ...contract.checks,
        { check: 'bounds', columns: ['close'], max: 0.5, severity: 'warning', name: 'cheap' },
        { check: 'custom', name: 'second row', severity: 'failing', test: (table) => (table.numRows > 1 ? [1] : []) },
      ],
    })
    const rows = [0, 1].map((minute) => plainRow('klines', minute))
    const { violations } = checkTable(tableOf('klines', rows), own)
    expect(violations).toMatchObject([
      { name: 'cheap', rows: 2 },
      { name: 'second row', rows: 1, first: [{ row: 1, values: {} }] },
    ])
  })

  test('that are none are refused with the place of each problem', () => {
    const broken: unknown = {
      dataType: 'klines',
      checks: [{ check: 'bounds', columns: [], severity: 'fatal' }, { check: 'guess' }],
    }
    const define = (): Contract => {
      // @ts-expect-error what comes from a file may be anything
      return defineContract(broken)
    }
    expect(define).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(define).toThrow(/checks\.0\.columns.*checks\.0\.severity.*checks\.1\.check/)
  })

  test('whose function names a row that is not there are refused', () => {
    const checks: Check[] = [{ check: 'custom', name: 'mine', severity: 'failing', test: () => [7] }]
    expect(() => checkTable(tableOf('klines', [plainRow('klines', 0)]), { dataType: 'klines', checks })).toThrow(
      /names row 7 of a table of 1 rows/,
    )
  })

  test('are left when aborted', () => {
    const signal = AbortSignal.abort()
    expect(() => checkTable(tableOf('klines', []), contract, { signal })).toThrow(signal.reason)
  })
})

function names({ violations }: QualityReport): string[] {
  return violations.map(({ name }) => name)
}

function tableOf<D extends DataType>(dataType: D, rows: readonly Row[]): LakeTable<D> {
  return tableOfRows(tableSchema(dataType), rows)
}

/** A row in which every column has a plain value. */
function plainRow(dataType: DataType, minute: number): Row {
  const time = start + minute * MINUTE
  const row: Record<string, RowValue> = {}
  for (const { name, type } of tableSchema(dataType).fields) {
    const kind = String(type)
    row[name] = name.endsWith('_id')
      ? BigInt(minute)
      : kind.startsWith('Dictionary')
        ? 'word'
        : kind.startsWith('Float')
          ? 1
          : 1n
  }
  return {
    ...row,
    ...(dataType === 'fundingRate' ? { funding_rate: 0.0001, funding_interval_hours: 8n } : {}),
    side: 'buy',
    source: 'archive',
    ts_event: BigInt(time),
    ts_available: BigInt(time + MINUTE),
    close_time: BigInt(time + MINUTE - 1000),
    transaction_time: BigInt(time),
  }
}
