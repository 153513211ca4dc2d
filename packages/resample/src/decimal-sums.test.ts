import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Buckets } from './buckets.ts'
import { decimalSums } from './decimal-sums.ts'
import { sumCompensated } from './sum-compensated.ts'

const ALL = (rows: number): Buckets => ({
  starts: Float64Array.of(0),
  ends: Float64Array.of(1),
  rowEnds: Float64Array.of(rows),
})
const sum = (values: readonly number[]): number =>
  decimalSums(Float64Array.from(values), ALL(values.length)).sums[0] ?? Number.NaN

describe('decimalSums', () => {
  test('adds as on paper', () => {
    expect(sum([0.1, 0.2])).toBe(0.3)
    expect(sum([1.1, 2.2, -3.3])).toBe(0)
    expect(sum([])).toBe(0)
  })

  test('adds only the rows it is told', () => {
    const buckets = { ...ALL(4), rowEnds: Float64Array.of(1, 3) }
    expect(decimalSums(Float64Array.of(1, 0.1, 0.2, 5), buckets).sums).toEqual(Float64Array.of(1, 0.3))
  })

  test('is the double nearest to the exact sum of decimals of eight places', () => {
    const units = fc.bigInt({ min: -6_710_886_300_000_000n, max: 6_710_886_300_000_000n })
    const small = fc.bigInt({ min: 0n, max: 9_999_999_999n })
    fc.assert(
      fc.property(fc.array(fc.oneof(small, units), { maxLength: 60 }), (values) => {
        const total = values.reduce((a, b) => a + b, 0n)
        expect(sum(values.map(toNumber))).toBe(toNumber(total))
      }),
      { numRuns: 1000 },
    )
  })

  test('does not depend on the order or the steps', () => {
    const units = fc.array(fc.integer({ min: 0, max: 9_999_999_999 }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(units, fc.nat(30), (parts, cut) => {
        const values = parts.map((part) => part / 1e8)
        expect(sum([...values].reverse())).toBe(sum(values))
        expect(sum([sum(values.slice(0, cut)), sum(values.slice(cut))])).toBe(sum(values))
      }),
    )
  })

  test('of coarser buckets are the same out of finer ones as out of the values', () => {
    const decimal = fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }).map((units) => units / 1e8)
    const value = fc.oneof({ weight: 20, arbitrary: decimal }, fc.constantFrom(1 / 3, 1e9, 7e7, Number.NaN))
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.array(value, { maxLength: 4 }), { maxLength: 4 }), { maxLength: 6 }),
        (groups) => {
          const values = Float64Array.from(groups.flat(2))
          const fine = ends(groups.flat().map((rows) => rows.length))
          const coarse = ends(groups.map((rows) => rows.flat().length))
          expect(decimalSums(values, fine).within(coarse).sums).toEqual(decimalSums(values, coarse).sums)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('compensates where values are no such decimals', () => {
    expect(sum([1e100, 1, -1e100])).toBe(1)
    expect(sum([1, 1e100, -1e100])).toBe(1)
    expect(sum([0.123456789, 0.1])).toBe(0.223456789)
    expect(sum([1e9, 0.5, 1e9])).toBe(2_000_000_000.5)
    expect(sum([1 / 3, 1 / 3, 1 / 3])).toBe(1)
  })

  test('is NaN when a value is', () => {
    expect(sum([1, Number.NaN, 2])).toBeNaN()
  })
})

describe('sumCompensated', () => {
  test('stays within a rounding of the true sum however many values there are', () => {
    const values = new Float64Array(100_000).fill(0.1)
    expect(Math.abs(sumCompensated(values, 0, values.length) - 10_000)).toBeLessThan(1e-11)
  })
})

/** The double nearest to a number of hundred-millionths. */
function toNumber(units: bigint): number {
  const [sign, digits] = units < 0n ? ['-', -units] : ['', units]
  const text = String(digits).padStart(9, '0')
  const value = Number(`${sign}${text.slice(0, -8)}.${text.slice(-8)}`)
  return value === 0 ? 0 : value
}

function ends(lengths: readonly number[]): Buckets {
  let row = 0
  return { ...ALL(0), rowEnds: Float64Array.from(lengths, (length) => (row += length)) }
}
