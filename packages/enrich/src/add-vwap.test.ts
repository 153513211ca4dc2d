import { type Columns, constantWord, floatValues, integerValues, makeTable, nullFlags, tableSchema } from '@lake/core'
import { Schema, tableFromIPC, tableToIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { addVwap, type BarsWithoutVwap } from './add-vwap.ts'

describe('addVwap', () => {
  test('gives the gold table with its price, null where nothing traded', () => {
    const gold = addVwap(bars({ volume: [2, 0], quoteVolume: [21, 0] }))
    expect(gold.schema.names).toEqual(tableSchema('bars').names)
    expect([...floatValues(gold, 'vwap')]).toEqual([10.5, Number.NaN])
    expect(nullFlags(gold, 'vwap')).toEqual(Uint8Array.of(0, 1))
    expect(integerValues(gold, 'child_count')).toEqual(BigInt64Array.of(1n, 2n))
  })

  test('is null where the quote volume is', () => {
    const gold = addVwap(bars({ volume: [2, 2], quoteVolume: [Number.NaN, 21] }))
    expect(nullFlags(gold, 'vwap')).toEqual(Uint8Array.of(1, 0))
  })

  test.each([undefined, 'cm'] as const)('turns contracts by their size in market %s', (market) => {
    const gold = addVwap(bars({ volume: [1, 2], quoteVolume: [10, 19] }), { market, contractSize: 100 })
    expect([...floatValues(gold, 'vwap')]).toEqual([10, 200 / 19])
  })

  test('says null rather than a wrong number where the size of a contract is not known', () => {
    const gold = addVwap(bars({ volume: [1, 2], quoteVolume: [10, 19] }), { market: 'cm' })
    expect(nullFlags(gold, 'vwap')).toEqual(Uint8Array.of(1, 1))
  })

  test('keeps metadata, makes one batch that survives IPC, and replaces a price that is there', () => {
    const table = bars({ volume: [2], quoteVolume: [21] })
    const two = table.concat(bars({ volume: [1], quoteVolume: [10] }))
    const gold = addVwap(addVwap(two))
    expect(gold.batches).toHaveLength(1)
    expect(gold.schema.metadata.get('units')).toBe('{}')
    expect(tableFromIPC(tableToIPC(gold)).getChild('vwap')?.toJSON()).toEqual([10.5, 10])
  })

  test('does not know how many trades a bar has where the bar does not say', () => {
    const unknown = bars({ volume: [2, 1], quoteVolume: [21, 10], unknownCounts: [0, 1] })
    const gold = addVwap(unknown.concat(bars({ volume: [3], quoteVolume: [31] })))
    expect(nullFlags(gold, 'trade_count')).toEqual(Uint8Array.of(0, 1, 0))
    expect(integerValues(gold, 'trade_count')[2]).toBe(1n)
  })

  test('adds to a table without rows', () => {
    expect(addVwap(bars({ volume: [], quoteVolume: [] })).numRows).toBe(0)
  })

  test.each([
    [{ market: 'um', contractSize: 100 }, /market um are not in contracts/],
    [{ contractSize: 0 }, /contract size 0 is not a number above 0/],
  ] as const)('refuses %o', (options, message) => {
    expect(() => addVwap(bars({ volume: [1], quoteVolume: [10] }), options)).toThrow(message)
  })
})

interface Volumes {
  readonly volume: readonly number[]
  readonly quoteVolume: readonly number[]
  /** 1 where the number of trades is null. */
  readonly unknownCounts?: readonly number[]
}

function bars(input: Volumes): BarsWithoutVwap {
  const rows = input.volume.length
  const fill = (value: number): Float64Array => new Float64Array(rows).fill(value)
  const count = (): BigInt64Array => BigInt64Array.from(input.volume, (_, row) => BigInt(row + 1))
  const fields = tableSchema('bars').fields.filter(({ name }) => name !== 'vwap')
  return makeTable(new Schema<Omit<Columns['bars'], 'vwap'>>(fields, new Map([['units', '{}']])), {
    ts_event: count(),
    ts_available: count(),
    source: constantWord('archive', rows),
    open: fill(10),
    high: fill(11),
    low: fill(10),
    close: fill(11),
    volume: Float64Array.from(input.volume),
    quote_volume: Float64Array.from(input.quoteVolume),
    trade_count: { values: count(), nulls: Uint8Array.from(input.unknownCounts ?? input.volume.map(() => 0)) },
    taker_buy_volume: fill(1),
    taker_buy_quote_volume: fill(1),
    close_time: count(),
    child_count: count(),
  })
}
