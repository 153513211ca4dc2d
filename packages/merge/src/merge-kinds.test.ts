import { type DataType, type LakeTable, parseInstant, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import { describe, expect, test } from 'vitest'
import { mergeTables } from './merge-tables.ts'

const start = BigInt(parseInstant('2018-02-09T09:00:00Z'))
const MINUTE = 60_000_000n

describe('mergeTables tells rows apart', () => {
  test('of metrics by their time', () => {
    const rows = [0n, 5n, 10n].map((minute) => ({ ...at(minute), sum_open_interest: 1, sum_open_interest_value: 2 }))
    const doubled = tableOf('metrics', [...rows, ...rows])
    const { table, report } = mergeTables({
      dataType: 'metrics',
      inputs: [{ table: doubled, name: 'a', source: 'archive' }],
    })
    expect(minutesOf(table)).toEqual([0, 5, 10])
    expect(report).toMatchObject({ duplicates: 3, conflicts: {} })
  })

  test('of book tickers by their id, also several of one instant', () => {
    const ticker = (id: bigint, bid: number): Row => ({
      ...at(0n),
      update_id: id,
      bid_price: bid,
      bid_size: 1,
      ask_price: 3,
      ask_size: 1,
      transaction_time: start,
    })
    const { table, report } = mergeTables({
      dataType: 'bookTicker',
      inputs: [
        { table: tableOf('bookTicker', [ticker(7n, 1), ticker(8n, 2)]), name: 'a', source: 'archive' },
        { table: tableOf('bookTicker', [ticker(8n, 5), ticker(9n, 2)]), name: 'b', source: 'ws' },
      ],
    })
    expect(rowsOfTable(table).map((row) => [row['update_id'], row['bid_price']])).toEqual([
      [7n, 1],
      [8n, 2],
      [9n, 2],
    ])
    expect(report.conflicts).toEqual({ bid_price: 1 })
  })

  test('of book tickers without ids by their time, prices and sizes', () => {
    const ticker = (id: bigint | null, bid: number, source: string): Row => ({
      ...at(0n),
      ...{ source, update_id: id, bid_price: bid, bid_size: 1, ask_price: 9, ask_size: 1 },
    })
    const a = [ticker(null, 1, 'ws'), ticker(null, 2, 'ws'), ticker(7n, 3, 'ws')]
    const b = [ticker(7n, 4, 'rest'), ticker(null, 2, 'rest'), ticker(8n, 2, 'rest')]
    const inputs = [
      { table: tableOf('bookTicker', a), name: 'a', source: 'ws' as const },
      { table: tableOf('bookTicker', b), name: 'b', source: 'rest' as const },
    ]
    const { table, report } = mergeTables({ dataType: 'bookTicker', inputs })
    expect(rowsOfTable(table).map((row) => [row['update_id'], row['bid_price'], row['source']])).toEqual([
      [null, 1, 'ws'],
      [null, 2, 'rest'],
      [7n, 4, 'rest'],
      [8n, 2, 'rest'],
    ])
    expect(report).toMatchObject({ duplicates: 2, conflicts: { bid_price: 1 } })
    expect(mergeTables({ dataType: 'bookTicker', inputs: [{ table, name: 'm' }] }).report.duplicates).toBe(0)
  })

  test('of books by time and band, whatever the order of the bands', () => {
    const band = (minute: bigint, percentage: number, depth: number): Row => ({
      ...at(minute),
      percentage,
      depth,
      notional: 1,
    })
    const { table, report } = mergeTables({
      dataType: 'bookDepth',
      inputs: [
        {
          table: tableOf('bookDepth', [band(0n, -5, 1), band(0n, 0.2, 2), band(1n, -5, 3)]),
          name: 'a',
          source: 'archive',
        },
        { table: tableOf('bookDepth', [band(0n, 5, 4), band(0n, -5, 9)]), name: 'b', source: 'archive', receivedAt: 1 },
      ],
    })
    expect(rowsOfTable(table).map((row) => [row['percentage'], row['depth']])).toEqual([
      [-5, 9],
      [0.2, 2],
      [5, 4],
      [-5, 3],
    ])
    expect(report).toMatchObject({ duplicates: 1, conflicts: { depth: 1 } })
  })

  test('of options by time and option', () => {
    const option = (symbol: string, open: number | null): Row => ({
      ...at(0n),
      option_symbol: symbol,
      option_type: 'C',
      strike: '100',
      open,
    })
    const { table, report } = mergeTables({
      dataType: 'eohSummary',
      inputs: [
        {
          table: tableOf('eohSummary', [option('B', 1), option('A', null)]),
          name: 'a',
          source: 'archive',
          receivedAt: 5,
        },
        {
          table: tableOf('eohSummary', [option('A', 2), option('C', 3)]),
          name: 'b',
          source: 'archive',
          receivedAt: -1,
        },
      ],
    })
    expect(rowsOfTable(table).map((row) => [row['option_symbol'], row['open']])).toEqual([
      ['A', 2],
      ['B', 1],
      ['C', 3],
    ])
    expect(report).toMatchObject({ filled: { open: 1 }, conflicts: {} })
  })

  test('of volatility indices by time and assets', () => {
    const index = (base: string, value: number): Row => ({
      ...at(0n),
      base_asset: base,
      quote_asset: 'USDT',
      index_value: value,
    })
    const table = tableOf('bvolIndex', [index('BTCBVOL', 1), index('ETHBVOL', 2)])
    const merged = mergeTables({
      dataType: 'bvolIndex',
      inputs: ['a', 'b'].map((name) => ({ table, name, source: 'archive' as const })),
    })
    expect(merged.report).toMatchObject({ rowsOut: 2, duplicates: 2 })
  })
})

describe('mergeTables of liquidations', () => {
  const order = (minute: bigint, size: number): Row => ({
    ...at(minute),
    side: 'sell',
    order_type: 'LIMIT',
    time_in_force: 'IOC',
    original_size: size,
    price: 100,
    average_price: 101,
    status: 'FILLED',
    last_fill_size: size,
    filled_size: size,
  })
  const sizes = (table: LakeTable<'liquidations'>): unknown[] => rowsOfTable(table).map((row) => row['original_size'])
  const merge = (...files: Row[][]): ReturnType<typeof mergeTables<'liquidations'>> =>
    mergeTables({
      dataType: 'liquidations',
      inputs: files.map((rows, index) => ({
        table: tableOf('liquidations', rows),
        name: `file ${index}`,
        source: 'archive' as const,
      })),
    })

  test('keeps equal orders of one file', () => {
    const { table, report } = merge([order(0n, 7), order(0n, 7), order(1n, 5)])
    expect(sizes(table)).toEqual([7, 7, 5])
    expect(report.doubledFiles).toBeUndefined()
  })

  test('halves a file in which every order stands twice, and says so', () => {
    const once = [order(0n, 7), order(0n, 7), order(1n, 5)]
    const { table, report } = merge([...once, ...once])
    expect(sizes(table)).toEqual([7, 7, 5])
    expect(report).toMatchObject({ rowsIn: 6, rowsOut: 3, duplicates: 3, doubledFiles: { 'file 0': 2 } })
  })

  test('keeps as many equal orders as the source with most of them has', () => {
    const { table } = merge([order(0n, 7), order(0n, 7), order(1n, 5)], [order(0n, 7), order(1n, 5), order(1n, 5)])
    expect(sizes(table)).toEqual([7, 7, 5, 5])
  })

  test('does not halve what was merged before', () => {
    const { table } = merge([order(0n, 7), order(0n, 7), order(1n, 5)], [order(0n, 7), order(1n, 5), order(1n, 5)])
    const again = mergeTables({ dataType: 'liquidations', inputs: [{ table, name: 'partition' }] })
    expect(again.table).toBe(table)
  })
})

describe('mergeTables of bars off the grid', () => {
  const bar = (time: bigint, volume: number): Row => ({
    ...at(0n),
    ts_event: start + time,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume,
    quote_volume: 1,
    trade_count: 1n,
    taker_buy_volume: 1,
    taker_buy_quote_volume: 1,
    close_time: start + time + MINUTE - 1n,
  })
  const late = 23_456_789n
  const inputs = [
    {
      table: tableOf('klines', [bar(0n, 1), bar(MINUTE + late, 2), bar(2n * MINUTE + late, 3)]),
      name: 'a',
      source: 'archive' as const,
    },
    {
      table: tableOf('klines', [bar(MINUTE, 4), bar(2n * MINUTE, 3), bar(3n * MINUTE, 5)]),
      name: 'b',
      source: 'rest' as const,
    },
  ]

  test('takes bars of one interval for the same, and keeps the believed one', () => {
    for (const order of [inputs, [...inputs].reverse()]) {
      const { table, report } = mergeTables({ dataType: 'klines', inputs: order, interval: '1m' })
      expect(offsetsOf(table)).toEqual([0n, MINUTE + late, 2n * MINUTE + late, 3n * MINUTE])
      expect(report).toMatchObject({ duplicates: 2, conflicts: { volume: 1, close_time: 2 } })
      expect(
        mergeTables({ dataType: 'klines', inputs: [{ table, name: 'm' }], interval: '1m' }).report.duplicates,
      ).toBe(0)
    }
  })

  test('keeps exact times where the grain is not told', () => {
    expect(mergeTables({ dataType: 'klines', inputs }).table.numRows).toBe(6)
  })

  test('loses no bar where a source has two of one interval, as around a restart', () => {
    const restart = {
      table: tableOf('klines', [bar(MINUTE, 1), bar(MINUTE + late, 2)]),
      name: 'c',
      source: 'rest' as const,
    }
    const { table } = mergeTables({ dataType: 'klines', inputs: [...inputs, restart], interval: '1m' })
    expect(offsetsOf(table)).toEqual([0n, MINUTE, MINUTE + late, 2n * MINUTE + late, 3n * MINUTE])
  })

  const offsetsOf = (table: LakeTable<'klines'>): bigint[] =>
    rowsOfTable(table).map((row) => BigInt(String(row['ts_event'])) - start)
})

function at(minute: bigint): Row {
  return { ts_event: start + minute * MINUTE, ts_available: start + minute * MINUTE, source: 'archive' }
}

function tableOf<D extends DataType>(dataType: D, rows: readonly Row[]): LakeTable<D> {
  return tableOfRows(tableSchema(dataType), rows)
}

function minutesOf(table: LakeTable<'metrics'>): number[] {
  return rowsOfTable(table).map((row) => Number((BigInt(String(row['ts_event'])) - start) / MINUTE))
}
