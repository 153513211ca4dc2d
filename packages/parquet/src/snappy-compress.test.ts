import { snappyUncompress } from 'hyparquet/src/snappy.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snappyBound, compressSnappy } from './snappy-compress.ts'

describe('compressSnappy', () => {
  test('gives bytes that uncompress to the input, whatever repeats in it and at whatever distance', () => {
    const piece = fc.oneof(
      fc.record({ bytes: fc.uint8Array({ maxLength: 90 }), times: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }), times: fc.integer({ min: 1, max: 20_000 }) }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const input = Uint8Array.from(
          Buffer.concat(pieces.flatMap(({ bytes, times }) => Array<Uint8Array>(times).fill(bytes))),
        )
        expect(Buffer.compare(roundTrip(input), input)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test.each([0, 1, 3, 4, 15, 16, 17, 59, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])(
    'takes %d bytes without a repeat, within the bound',
    (length) => {
      const input = noise(length)
      expect(Buffer.compare(roundTrip(input), input)).toBe(0)
    },
  )

  test('finds no match further back than a copy can reach', () => {
    const input = new Uint8Array(300_000)
    const words = noise(4000)
    for (const at of [0, 65_532, 65_536 + 65_532, 4 * 65_536]) input.set(words, at)
    expect(Buffer.compare(roundTrip(input), input)).toBe(0)
  })

  test('makes repeats small, and a stretch of noise hardly larger', () => {
    expect(compressSnappy(new Uint8Array(131_072).fill(7)).length).toBeLessThan(131_072 / 20)
    expect(compressSnappy(noise(131_072)).length).toBeLessThan(131_072 + 64)
  })

  test('depends on nothing that it compressed before, nor on what lies behind the input', () => {
    const input = noise(8000)
    input.copyWithin(4000, 100, 3000)
    const first = compressSnappy(input).slice()
    compressSnappy(noise(9000).map((byte) => byte ^ 1))
    expect(Buffer.compare(compressSnappy(input), first)).toBe(0)
  })
})

function roundTrip(input: Uint8Array): Uint8Array {
  const packed = compressSnappy(input)
  expect(packed.length).toBeLessThanOrEqual(snappyBound(input.length))
  const plain = new Uint8Array(input.length)
  snappyUncompress(packed, plain)
  return plain
}

/** Bytes of a generator with a fixed start, in which nothing repeats. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state >>> 24
  })
}
