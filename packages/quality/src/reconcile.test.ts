import { canonicalJson, type DataType, formatDatasetId, type LakeTable, parseTimeRange, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { diffTables, type TableDiff } from './diff-tables.ts'
import { exactSum } from './exact-sum.ts'
import { type CertificatePart, reconcile, type ReconcileOptions } from './reconcile.ts'
import { realDay, realDays } from './testing/real-bars.ts'

const range = parseTimeRange('2020-01-01', '2020-01-04')
const dataset = formatDatasetId({
  exchange: 'binance',
  market: 'spot',
  dataType: 'klines',
  symbol: 'BTCUSDT',
  interval: '1m',
})
const MINUTE = 60_000_000n

let days: LakeTable<'klines'>
let rows: Row[]
beforeAll(async () => {
  days = await realDays()
  rows = rowsOfTable(days)
})

describe('exactSum', () => {
  test('adds decimals without rounding', () => {
    expect(exactSum(Float64Array.of(0.1, 0.2))).toBe('0.3')
    expect(exactSum(Float64Array.of())).toBe('0')
    expect(exactSum(Float64Array.of(-1.5, 1.25, Number.NaN, -0))).toBe('-0.25')
    expect(exactSum(Float64Array.of(1e-12, 2.5e21, 1.23456789012))).toBe('2500000000000000000001.234567890121')
    expect(exactSum(new Float64Array(1000).fill(90_071_992.5))).toBe('90071992500')
  })

  test('agrees with big integers, in any order', () => {
    const parts = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })
    fc.assert(
      fc.property(fc.array(fc.tuple(parts, fc.nat(10)), { maxLength: 50 }), (drawn) => {
        const texts = drawn.map(([digits, decimals]) => `${digits}e-${decimals}`)
        const sum = drawn.reduce((total, [digits, decimals]) => total + digits * 10n ** BigInt(10 - decimals), 0n)
        const found = exactSum(Float64Array.from(texts, Number))
        const [integer = '0', fraction = ''] = found.replace('-', '').split('.')
        const scaled = BigInt(integer + fraction.padEnd(10, '0')) * (found.startsWith('-') ? -1n : 1n)
        expect(scaled).toBe(sum)
        expect(exactSum(Float64Array.from(texts.reverse(), Number))).toBe(found)
      }),
      { numRuns: 300 },
    )
  })
})

describe('diffTables', () => {
  const diff = (after: readonly Row[]): TableDiff =>
    diffTables({ dataType: 'klines', before: days, after: tableOf('klines', after) })

  test('finds nothing between a file and itself, wherever it came from', () => {
    const other = rows.map((row) => ({ ...row, source: 'rest', ts_available: 0n }))
    expect(diff(other)).toEqual({
      ...{ rowsBefore: 4320, rowsAfter: 4320, same: 4320, added: 0, removed: 0, changed: 0 },
      ...{ changedColumns: {}, first: [] },
    })
  })

  test('names what a restatement added, removed and changed', () => {
    const time = (minute: number): number => Number(rows[minute]?.['ts_event'])
    const late = { ...rows[4319], ts_event: BigInt(time(4319)) + MINUTE }
    const after = [...rows, late]
      .filter((_, index) => index !== 100)
      .map((row, index) => (index === 999 ? { ...row, volume: 5, close: 7000 } : row))
    const found = diff(after)
    expect(found).toMatchObject({
      same: 4318,
      added: 1,
      removed: 1,
      changed: 1,
      changedColumns: { close: 1, volume: 1 },
    })
    expect(found.range).toEqual({ from: time(100), to: time(4319) + Number(MINUTE) + 1 })
    expect(found.first).toEqual([
      { change: 'removed', time: time(100) },
      {
        change: 'changed',
        time: time(1000),
        columns: {
          close: { before: rows[1000]?.['close'], after: 7000 },
          volume: { before: rows[1000]?.['volume'], after: 5 },
        },
      },
      { change: 'added', time: time(4319) + Number(MINUTE) },
    ])
  })

  test('compares every kind of value, and tells null from all of them', () => {
    const trade: Row = { ts_event: 5n, price: 1, size: 1, quote_size: 1, side: 'buy', is_best_match: true }
    const before = [1n, 2n ** 60n].map((id) => ({ ...trade, trade_id: id }))
    const after = [
      { ...trade, trade_id: 1n, side: 'sell', is_best_match: null, price: -0 },
      { ...trade, trade_id: 2n ** 60n, ts_event: 6n },
    ]
    const found = diffTables({ dataType: 'trades', before: tableOf('trades', before), after: tableOf('trades', after) })
    expect(found.changedColumns).toEqual({ ts_event: 1, price: 1, side: 1, is_best_match: 1 })
    expect(found.first).toMatchObject([
      { id: 1, columns: { side: { before: 'buy', after: 'sell' }, is_best_match: { before: true, after: null } } },
      { id: String(2n ** 60n), columns: { ts_event: { before: 5, after: 6 } } },
    ])
    const funding = (minute: bigint, hours: bigint | null): Row => ({
      ts_event: minute * MINUTE,
      funding_rate: 1,
      funding_interval_hours: hours,
    })
    expect(
      diffTables({
        dataType: 'fundingRate',
        before: tableOf('fundingRate', [funding(0n, 8n), { ...funding(480n, null), ts_event: 480n * MINUTE + 3000n }]),
        after: tableOf('fundingRate', [{ ...funding(0n, null), ts_event: 5000n }, funding(480n, null)]),
        columns: ['funding_rate', 'funding_interval_hours'],
      }),
    ).toMatchObject({ same: 1, changed: 1, changedColumns: { funding_interval_hours: 1 } })
  })

  test('tells book tickers apart by their values where they have no ids', () => {
    const ticker = (id: bigint | null, bid: number, ask = 9): Row => ({
      ...{ ts_event: 5n, update_id: id, bid_price: bid, bid_size: 1, ask_price: ask, ask_size: 1 },
    })
    const before = tableOf('bookTicker', [ticker(null, 1), ticker(null, 2), ticker(7n, 3)])
    const after = tableOf('bookTicker', [ticker(null, 2), ticker(7n, 3, 8), ticker(8n, 1)])
    const found = diffTables({ dataType: 'bookTicker', before, after })
    expect(found).toMatchObject({ same: 1, removed: 1, changed: 1, added: 1, changedColumns: { ask_price: 1 } })
    expect(found.first.map(({ change, id }) => [change, id])).toEqual([
      ['removed', undefined],
      ['changed', 7],
      ['added', 8],
    ])
  })

  test('pairs equal liquidations one by one', () => {
    const order = {
      ts_event: 1n,
      side: 'buy',
      original_size: 1,
      price: 1,
      average_price: 1,
      last_fill_size: 1,
      filled_size: 1,
      order_type: 'LIMIT',
      time_in_force: 'IOC',
      status: 'FILLED',
    }
    const found = diffTables({
      dataType: 'liquidations',
      before: tableOf('liquidations', [order, order]),
      after: tableOf('liquidations', [order]),
    })
    expect(found).toMatchObject({ same: 1, removed: 1, added: 0 })
  })

  test('shows as many rows as asked for', () => {
    const after = tableOf(
      'klines',
      rows.map((row) => ({ ...row, close: 1 })),
    )
    expect(diffTables({ dataType: 'klines', before: days, after }).first).toHaveLength(10)
    expect(diffTables({ dataType: 'klines', before: days, after, limit: 3 }).first).toHaveLength(3)
    expect(diffTables({ dataType: 'klines', before: days, after, tolerance: { close: 1 } }).changed).toBe(0)
  })

  test('refuses tables that are not sorted', () => {
    expect(() => diff([...rows.slice(0, 5), ...rows.slice(0, 5)])).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { table: 'after', row: 5 } }),
    )
    expect(() => diff([rows[0] ?? {}, rows[0] ?? {}])).toThrow(/Row 1 of the table 'after'/)
  })
})

describe('reconcile', () => {
  const part = (table: CertificatePart['table'], ...names: string[]): CertificatePart => ({
    table,
    inputs: names.map((name) => ({ name, sha256: name.repeat(2) })),
  })
  const certify = (parts: Partial<ReconcileOptions>): ReturnType<typeof reconcile> =>
    reconcile({ dataset, dataType: 'klines', range, ...parts })

  test('certifies that a month and its days agree, with exact sums and the hashes of the inputs', () => {
    const certificate = certify({
      monthly: part(days, 'month'),
      daily: part(tableOf('klines', rows), 'day 2', 'day 1'),
    })
    const volume = rows.reduce((sum, row) => sum + BigInt(Number(row['volume']).toFixed(8).replace('.', '')), 0n)
    expect(certificate).toMatchObject({ certificate: 1, dataset, range, verdict: 'agrees' })
    expect(certificate.parts[0]).toMatchObject({
      name: 'monthly',
      rows: 4320,
      first: range.from,
      inputs: [{ name: 'month', sha256: 'monthmonth' }],
    })
    expect(certificate.parts[1]?.inputs.map(({ name }) => name)).toEqual(['day 1', 'day 2'])
    expect(
      BigInt((certificate.parts[0]?.sums['volume'] ?? '').replace('.', '').padEnd(String(volume).length, '0')),
    ).toBe(volume)
    expect(certificate.parts[0]?.sums['trade_count']).toMatch(/^\d+$/)
    expect(certificate.comparisons).toMatchObject([
      { left: 'monthly', right: 'daily', agrees: true, same: 4320, differing: 0 },
    ])
  })

  test('has the same bytes whenever and in whatever order it is made', () => {
    const inputs = ['a', 'b', 'c']
    const make = (names: string[]): string =>
      canonicalJson(certify({ monthly: part(days, ...names), rest: part(days.slice(0, 100), 'page') }))
    expect(make(inputs)).toBe(make([...inputs].reverse()))
    expect(JSON.parse(make(inputs))).toEqual(
      certify({ monthly: part(days, ...inputs), rest: part(days.slice(0, 100), 'page') }),
    )
  })

  test('lists every difference of real days with one removed, one bar changed and one too many', async () => {
    const second = await realDay('2020-01-02')
    const daily = tableOf(
      'klines',
      rows
        .filter((_, index) => index < 1440 || index >= 2880)
        .map((row, index) => (index === 7 ? { ...row, volume: 1 } : row)),
    )
    const certificate = certify({ monthly: part(days, 'month'), daily: part(daily, 'days'), limit: 20 })
    expect(certificate.verdict).toBe('differs')
    const [comparison] = certificate.comparisons
    expect(comparison).toMatchObject({
      agrees: false,
      same: 2879,
      onlyLeft: 1440,
      onlyRight: 0,
      differing: 1,
      differingColumns: { volume: 1 },
    })
    expect(comparison?.first).toHaveLength(20)
    expect(comparison?.first[1]).toEqual({ change: 'removed', time: Number(rowsOfTable(second)[0]?.['ts_event']) })
  })

  test('compares only where a source was asked', () => {
    const covered = parseTimeRange('2020-01-01T10:00:00Z', '2020-01-01T12:00:00Z')
    const rest = { ...part(days.slice(600, 720), 'page'), covered: [covered] }
    expect(certify({ monthly: part(days, 'm'), rest }).comparisons).toMatchObject([
      { agrees: true, same: 120, ranges: [covered] },
    ])
    expect(certify({ monthly: part(days, 'm'), rest: part(days.slice(600, 720), 'page') })).toMatchObject({
      verdict: 'differs',
    })
  })

  test('compares pieces of time, and says so when nothing was compared', () => {
    const hours = (from: number, to: number) => ({
      table: days.slice(from * 60, to * 60),
      covered: [{ from: range.from + from * 3.6e9, to: range.from + to * 3.6e9 }],
    })
    const pieces = [hours(0, 2), hours(30, 31)]
    const daily = {
      ...part(
        pieces.reduce((all, { table }) => all.concat(table), days.slice(0, 0)),
        'days',
      ),
      covered: pieces.flatMap(({ covered }) => covered),
    }
    const rest = {
      ...part(days.slice(60, 31 * 60), 'page'),
      covered: [{ from: range.from + 3.6e9, to: range.from + 31 * 3.6e9 }],
    }
    const [comparison] = certify({ daily, rest }).comparisons
    expect(comparison).toMatchObject({ agrees: true, same: 120 })
    expect(comparison?.ranges).toEqual([
      { from: range.from + 3.6e9, to: range.from + 2 * 3.6e9 },
      { from: range.from + 30 * 3.6e9, to: range.from + 31 * 3.6e9 },
    ])
    const elsewhere = { ...part(days.slice(3000, 3060), 'page'), covered: hours(50, 51).covered }
    expect(certify({ daily, rest: elsewhere })).toMatchObject({ verdict: 'uncompared', comparisons: [] })
    expect(certify({ daily })).toMatchObject({ verdict: 'uncompared', comparisons: [] })
  })

  test('compares the partition with what it was made of, and takes it for no source', () => {
    const partition = part(days, 'partition')
    expect(certify({ daily: part(days, 'd'), partition })).toMatchObject({
      verdict: 'uncompared',
      comparisons: [{ left: 'daily', right: 'partition', agrees: true, same: 4320 }],
    })
    expect(certify({ daily: part(days.slice(1), 'd'), partition })).toMatchObject({ verdict: 'differs' })
  })

  test('compares bars rebuilt from finer ones, empty ones too', () => {
    const quiet = rows.map((row, index) => (index === 3 ? { ...row, volume: 0, trade_count: 0n } : row))
    const certificate = certify({
      monthly: part(tableOf('klines', quiet), 'm'),
      finer: part(tableOf('klines', quiet), 'finer'),
    })
    expect(certificate).toMatchObject({ verdict: 'agrees', comparisons: [{ same: 4320, withoutTrades: 0 }] })
  })

  test('compares bars rebuilt from trades in what trades can tell', () => {
    const quiet = rows.map((row, index) =>
      index % 10 === 3 ? { ...row, volume: 0, quote_volume: 0, trade_count: 0n } : row,
    )
    const rebuilt = quiet
      .filter((row) => row['volume'] !== 0)
      .map((row) => ({ ...row, volume: Number(row['volume']) * (1 + 1e-13), close_time: 0n }))
    const certificate = certify({
      monthly: part(tableOf('klines', quiet), 'm'),
      trades: part(tableOf('klines', rebuilt), 't'),
    })
    expect(certificate.comparisons).toMatchObject([{ right: 'trades', agrees: true, same: 3888, withoutTrades: 432 }])
    const wrong = rebuilt.map((row, index) => (index === 0 ? { ...row, trade_count: 1n } : row))
    expect(
      certify({ monthly: part(tableOf('klines', quiet), 'm'), trades: part(tableOf('klines', wrong), 't') }),
    ).toMatchObject({
      verdict: 'differs',
      comparisons: [{ differingColumns: { trade_count: 1 } }],
    })
  })

  test('says null of sums of nothing, and 0 of no rows', () => {
    const premium = { ts_event: BigInt(range.from), close: 1 }
    const certificate = reconcile({
      dataset,
      dataType: 'premiumIndexKlines',
      range,
      monthly: part(tableOf('premiumIndexKlines', [premium]), 'm'),
      daily: part(tableOf('premiumIndexKlines', []), 'd'),
    })
    expect(certificate.parts.map(({ sums }) => sums['volume'])).toEqual([null, '0'])
    expect(certificate.parts[1]).not.toHaveProperty('first')
    expect(certificate).toMatchObject({ verdict: 'differs', comparisons: [{ onlyLeft: 1 }] })
  })
})

function tableOf<D extends DataType>(dataType: D, of: readonly Row[]): LakeTable<D> {
  return tableOfRows(tableSchema(dataType), of)
}
