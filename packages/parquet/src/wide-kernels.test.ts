import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinStreams } from './join-streams.ts'
import { spreadWide } from './spread-wide.ts'

describe('joinStreams', () => {
  test.each([1, 2, 4, 8, 13])('puts numbers of %d bytes together', (width) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), fc.nat(255), (count, salt) => {
        const streams = Uint8Array.from({ length: count * width + 5 }, (_, at) => at * 37 + salt)
        const joined = new Uint8Array(count * width)
        joinStreams(streams, joined, width)
        const expected = Array.from(joined, (_, at) => streams[(at % width) * count + Math.floor(at / width)])
        expect([...joined]).toEqual(expected)
      }),
    )
  })
})

describe('spreadWide', () => {
  // Integers that are NaN when they are looked at as floats, with and without the bit that makes them quiet.
  const integer = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constant(0x7ff0_0000_0000_0001n))

  test('gives each row its value bit for bit, and zero where it has none', () => {
    fc.assert(
      fc.property(fc.array(fc.option(integer), { maxLength: 60 }), (rows) => {
        const target = new BigInt64Array(rows.length).fill(9n)
        const present = Uint8Array.from(rows, (value) => (value === null ? 0 : 1))
        spreadWide(BigInt64Array.from(rows.filter((value) => value !== null)), present, 0, target)
        expect([...target]).toEqual(rows.map((value) => value ?? 0n))
      }),
    )
  })

  test('gives floats, and NaN where there is none', () => {
    const target = new Float64Array(4)
    spreadWide(Float64Array.of(-0, 1.5), Uint8Array.of(0, 1, 0, 1), Number.NaN, target)
    expect([...target]).toEqual([Number.NaN, -0, Number.NaN, 1.5])
  })
})
