import { Bool, Dictionary, Field, Float64, Int32, Schema, tableFromIPC, tableToIPC, Utf8 } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { decimalValues, flagValues, floatValues, integerValues, nullFlags, wordValues } from './column-values.ts'
import { constantWord, decimalColumn, makeTable } from './make-table.ts'
import { tableSchema } from './table.ts'

function funding() {
  return makeTable(tableSchema('fundingRate'), {
    ts_event: BigInt64Array.of(1n, 2n, 3n),
    ts_available: BigInt64Array.of(1n, 2n, 3n),
    source: constantWord('archive', 3),
    funding_rate: Float64Array.of(0.1, -0.2, 0.3),
    funding_interval_hours: { values: BigInt64Array.of(8n, 0n, 4n), nulls: Uint8Array.of(0, 1, 0) },
    mark_price: Float64Array.of(Number.NaN, 2, Number.NaN),
  })
}

describe('makeTable', () => {
  test.each([0, 1023, 1024, 2050, 4099])('finds null at row %d of many, and not where a float is infinite', (place) => {
    const schema = new Schema([new Field('price', new Float64(), true)])
    const price = Float64Array.from({ length: 4100 }, (_, row) => (row % 1000 === 999 ? -Infinity : row))
    price[place] = Number.NaN
    const column = makeTable(schema, { price }).getChildAt(0)
    expect(column?.nullCount).toBe(1)
    expect(column?.isValid(place)).toBe(false)
  })

  test('gives back what was put in, nulls as NaN and flags', () => {
    const table = funding()
    expect(table.numRows).toBe(3)
    expect([...floatValues(table, 'funding_rate')]).toEqual([0.1, -0.2, 0.3])
    expect([...floatValues(table, 'mark_price')]).toEqual([Number.NaN, 2, Number.NaN])
    expect([...integerValues(table, 'ts_event')]).toEqual([1n, 2n, 3n])
    expect(nullFlags(table, 'funding_interval_hours')).toEqual(Uint8Array.of(0, 1, 0))
    expect(nullFlags(table, 'ts_event')).toBeUndefined()
    expect(wordValues(table, 'source')).toEqual({ codes: Int32Array.of(0, 0, 0), words: ['archive'] })
  })

  test('takes the word of who knows where floats and words are null', () => {
    const values = Float64Array.of(Number.NaN, 2, Number.NaN)
    const known = (nulls: Uint8Array | undefined): number | undefined =>
      makeTable(new Schema([new Field('price', new Float64(), true)]), { price: { values, nulls } }).getChildAt(0)
        ?.nullCount
    expect(known(Uint8Array.of(1, 0, 1))).toBe(2)
    expect(known(undefined)).toBe(0)
    const word = new Schema([new Field('side', new Dictionary(new Utf8(), new Int32()), true)])
    const codes = Int32Array.of(0, -1)
    const nulls = (hasNull?: boolean): number | undefined =>
      makeTable(word, { side: { codes, words: ['buy'], hasNull } }).getChildAt(0)?.nullCount
    expect(nulls()).toBe(1)
    expect(nulls(true)).toBe(1)
    expect(nulls(false)).toBe(0)
  })

  test('survives Arrow IPC', () => {
    const copy = tableFromIPC(tableToIPC(funding()))
    expect([...floatValues(copy, 'mark_price')]).toEqual([Number.NaN, 2, Number.NaN])
    expect(copy.get(1)?.toJSON()).toMatchObject({ source: 'archive', funding_interval_hours: null, mark_price: 2 })
  })

  test('unifies the words of several batches', () => {
    const one = funding()
    const other = makeTable(tableSchema('fundingRate'), {
      ts_event: BigInt64Array.of(4n),
      ts_available: BigInt64Array.of(4n),
      source: constantWord('rest', 1),
      funding_rate: Float64Array.of(0.4),
      funding_interval_hours: BigInt64Array.of(8n),
      mark_price: Float64Array.of(5),
    })
    const both = one.concat(other)
    expect(wordValues(both, 'source')).toEqual({ codes: Int32Array.of(0, 0, 0, 1), words: ['archive', 'rest'] })
    expect([...floatValues(both, 'mark_price')]).toEqual([Number.NaN, 2, Number.NaN, 5])
  })

  test('makes flags with nulls, and words with nulls', () => {
    const trades = makeTable(tableSchema('trades'), {
      ts_event: BigInt64Array.of(1n, 1n, 1n),
      ts_available: BigInt64Array.of(1n, 1n, 1n),
      source: constantWord('archive', 3),
      trade_id: BigInt64Array.of(1n, 2n, 3n),
      price: Float64Array.of(1, 1, 1),
      size: Float64Array.of(1, 1, 1),
      quote_size: Float64Array.of(1, 1, 1),
      side: { codes: Int32Array.of(0, 1, 0), words: ['buy', 'sell'] },
      is_best_match: Uint8Array.of(1, 2, 0),
    })
    expect(trades.getChild('is_best_match')?.toJSON()).toEqual([true, null, false])
    expect(trades.getChild('side')?.toJSON()).toEqual(['buy', 'sell', 'buy'])
  })

  test('takes flags that are bits already as they are, if there are enough of them', () => {
    const schema = new Schema([new Field('is_best_match', new Bool(), true)])
    const bits = Uint8Array.of(0b1010_0110, 0b1, 0, 0, 0, 0, 0, 0)
    const column = makeTable(schema, { is_best_match: { bits, rows: 9 } }).getChild('is_best_match')
    expect(column?.toJSON()).toEqual([false, true, true, false, false, true, false, true, true])
    const values: unknown = column?.data[0]?.values
    expect(values instanceof Uint8Array && values.buffer === bits.buffer).toBe(true)
    expect(() => makeTable(schema, { is_best_match: { bits, rows: 65 } })).toThrow(/needs values for Bool/)
  })

  test.each([0, 1, 3])('makes flags of any length, from byte %d of their memory on', (offset) => {
    const schema = new Schema([new Field('is_best_match', new Bool(), true)])
    for (let length = 0; length <= 70; length++) {
      for (const kinds of [2, 3]) {
        const flags = new Uint8Array(offset + length).subarray(offset).map((_, row) => (row * row + length) % kinds)
        const column = makeTable(schema, { is_best_match: flags }).getChild('is_best_match')
        const expected = Array.from(flags, (flag) => (flag === 2 ? null : flag === 1))
        expect(column?.toJSON()).toEqual(expected)
        expect(column?.nullCount).toBe(expected.filter((flag) => flag === null).length)
      }
    }
  })

  test('refuses columns of unequal length and of the wrong kind', () => {
    const columns = {
      ts_event: BigInt64Array.of(1n),
      ts_available: BigInt64Array.of(1n, 2n),
      source: constantWord('archive', 1),
      funding_rate: Float64Array.of(1),
      funding_interval_hours: BigInt64Array.of(8n),
      mark_price: Float64Array.of(1),
    }
    expect(() => makeTable(tableSchema('fundingRate'), columns)).toThrow(/ts_available has 2 rows/)
    expect(() => makeTable(tableSchema('fundingRate'), { ...columns, mark_price: BigInt64Array.of(1n) })).toThrow(
      /Column mark_price needs values for Float64/,
    )
  })
})

describe('column values', () => {
  test('name the columns there are when one is not', () => {
    expect(() => floatValues(funding(), 'price')).toThrow(/no column 'price', only ts_event/)
    expect(() => floatValues(funding(), 'ts_event')).toThrow(/Column 'ts_event' is Timestamp/)
    expect(() => integerValues(funding(), 'mark_price')).toThrow(/not int64/)
    expect(() => wordValues(funding(), 'mark_price')).toThrow(/not dictionary/)
  })

  test('give exact decimals, booleans and their nulls, in one batch or several', () => {
    const schema = tableSchema('trades', { decimals: 'exact', scale: 8 }).select(['price', 'is_best_match'])
    const one = makeTable(schema, {
      price: decimalColumn([4_228_358_000_000n, -1n]),
      is_best_match: Uint8Array.of(1, 2),
    })
    const other = makeTable(schema, { price: { units: Uint32Array.of(7, 0, 0, 0) }, is_best_match: Uint8Array.of(0) })
    const both = one.concat(other)
    const { units, scale, nulls } = decimalValues(both, 'price')
    expect([scale, nulls, unitsOf(units)]).toEqual([8, undefined, [4_228_358_000_000n, -1n, 7n]])
    expect(flagValues(both, 'is_best_match')).toEqual(Uint8Array.of(1, 2, 0))
    expect(flagValues(both.slice(1), 'is_best_match')).toEqual(Uint8Array.of(2, 0))
    expect(nullFlags(both.slice(1), 'is_best_match')).toEqual(Uint8Array.of(1, 0))
  })

  test('keep the nulls of exact decimals', () => {
    const schema = tableSchema('fundingRate', { decimals: 'exact', scale: 3 }).select(['mark_price'])
    const table = makeTable(schema, { mark_price: decimalColumn([null, 2n ** 100n]) })
    const { units, nulls } = decimalValues(table, 'mark_price')
    expect([nulls, unitsOf(units)[1]]).toEqual([Uint8Array.of(1, 0), 2n ** 100n])
  })

  test.each([-1, 39, 1.5, Number.NaN])('are no decimals with %d digits behind the point', (scale) => {
    expect(() => tableSchema('trades', { decimals: 'exact', scale })).toThrow(/scale of exact decimals/)
  })

  test('are not decimals or booleans where the column is something else', () => {
    expect(() => decimalValues(funding(), 'mark_price')).toThrow(/not decimal/)
    expect(() => flagValues(funding(), 'mark_price')).toThrow(/not bool/)
  })
})

function unitsOf(units: Uint32Array): bigint[] {
  const words = (row: number): bigint[] => Array.from(units.subarray(4 * row, 4 * row + 4), BigInt)
  return Array.from({ length: units.length / 4 }, (_, row) =>
    BigInt.asIntN(
      128,
      words(row).reduceRight((sum, word) => (sum << 32n) | word, 0n),
    ),
  )
}
