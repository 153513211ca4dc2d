import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from './byte-writer.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { encodeDeltas } from './encode-deltas.ts'

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

describe('deltas', () => {
  test('come back value for value, of every width', () => {
    const width = fc.integer({ min: 0, max: 64 })
    const values = width.chain((bits) => {
      const reach = bits === 0 ? 0n : 2n ** BigInt(bits - 1)
      const near = fc.bigInt({ min: -reach, max: reach === 0n ? 0n : reach - 1n })
      return fc.array(fc.oneof({ weight: 20, arbitrary: near }, fc.constantFrom(LEAST, MOST, 0n)), { maxLength: 300 })
    })
    fc.assert(
      fc.property(values, (list) => {
        expect([...decode(encode(list), list.length)]).toEqual(list)
      }),
      { numRuns: 400 },
    )
  })

  test.each(Array.from({ length: 65 }, (_, width) => width))('are added up where they have %d bits', (width) => {
    const most = 2n ** BigInt(width) - 1n
    const step = fc.oneof(fc.bigInt({ min: 0n, max: most }), fc.constantFrom(0n, most))
    const list = fc.record({
      first: fc.bigInt({ min: LEAST, max: MOST }),
      least: fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.constantFrom(LEAST, MOST)),
      steps: fc.array(step, { minLength: 48, maxLength: 48 }),
      // Blocks of two miniblocks, the second of which is of another width.
      size: fc.constantFrom(8, 24),
      other: fc.constantFrom(0, 1, 9, 10, 25, 26),
      cut: fc.nat(47),
    })
    fc.assert(
      fc.property(list, ({ first, least, steps, size, other, cut }) => {
        const bytes: number[] = [...varint(BigInt(2 * size)), 2, 49, ...varint(zigzag(first))]
        const values = [first]
        for (let from = 0; from < steps.length; from += 2 * size) {
          bytes.push(...varint(zigzag(least)), width, other)
          for (const [nth, bits] of [width, other].entries()) {
            const start = from + nth * size
            const kept = steps.slice(start, start + size).map((each) => BigInt.asUintN(bits, each))
            bytes.push(...packed(kept, bits))
            for (const each of kept) values.push(BigInt.asIntN(64, (values.at(-1) ?? 0n) + least + each))
          }
        }
        const count = 49 - cut
        expect([...decode(Uint8Array.from(bytes), count)]).toEqual(values.slice(0, count))
      }),
      { numRuns: 20 },
    )
  })

  test('come back where doubles end, where halves carry, and where values wrap around', () => {
    const edge = fc.constantFrom(0n, 2n ** 31n, 2n ** 32n, 2n ** 52n, 2n ** 53n, 2n ** 63n - 1n)
    const walk = fc.record({
      start: fc.tuple(edge, fc.constantFrom(1n, -1n)).map(([at, sign]) => at * sign),
      slope: fc.tuple(fc.integer({ min: 0, max: 45 }), fc.constantFrom(1n, 0n, -1n)),
      bits: fc.integer({ min: 0, max: 40 }),
    })
    fc.assert(
      fc.property(
        walk,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        ({ start, slope, bits }, noise) => {
          let value = start - slope[1] * 2n ** BigInt(slope[0]) * 150n
          const list = Array.from({ length: 300 }, () => {
            const step = BigInt(Math.floor((Number(noise.next().value) - 0.5) * 2 ** bits))
            value = BigInt.asIntN(64, value + slope[1] * 2n ** BigInt(slope[0]) + step)
            return value
          })
          expect([...decode(encode(list), list.length)]).toEqual(list)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('leave their lower halves to integers of four bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: LEAST, max: MOST }), { maxLength: 40 }), (list) => {
        const narrow = new Int32Array(list.length)
        decodeDeltas(encode(list), narrow)
        expect([...narrow]).toEqual(list.map((value) => Number(BigInt.asIntN(32, value))))
      }),
    )
  })

  test.each([0, 1, 2, 32, 33, 128, 129, 130, 257])('come back where there are %d values', (count) => {
    const list = Array.from({ length: count }, (_, nth) => BigInt(nth * nth * 7919) - 5n)
    expect([...decode(encode(list), count)]).toEqual(list)
  })

  test('take no bits where the steps are equal', () => {
    const list = Array.from({ length: 1281 }, (_, nth) => 1704067200000000n + BigInt(nth) * 60_000_000n)
    expect(encode(list).length).toBeLessThan(100)
  })

  test.each<[string, number[]]>([
    ['nothing', []],
    ['a block of no miniblocks', [128, 1, 0, 4, 0, 2]],
    ['miniblocks that are no multiple of eight', [20, 4, 4, 0, 2, 0, 0, 0, 0]],
    ['a count below that of the page', [128, 1, 4, 3, 0, 2, 0, 0, 0, 0]],
    ['a width above 64', [128, 1, 4, 4, 0, 2, 65, 0, 0, 0]],
    ['miniblocks that are cut', [128, 1, 4, 4, 0, 2, 64, 0, 0, 0, 1, 2]],
    ['a block without widths', [128, 1, 4, 4, 0, 2]],
    ['a number without an end', [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode(Uint8Array.from(bytes), 4)).toThrow('a page of deltas is damaged')
  })
})

function encode(values: readonly bigint[]): Uint8Array {
  const out = new ByteWriter(1)
  encodeDeltas(BigInt64Array.from(values), 0, values.length, out)
  return out.written()
}

function decode(bytes: Uint8Array, count: number): BigInt64Array {
  const values = new BigInt64Array(count)
  decodeDeltas(bytes, values)
  return values
}

function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}

function varint(value: bigint): number[] {
  const bytes: number[] = []
  for (; value >= 128n; value >>= 7n) bytes.push(Number(value & 127n) + 128)
  return [...bytes, Number(value)]
}

function packed(values: readonly bigint[], width: number): number[] {
  let bits = values.reduce((sum, value, nth) => sum + (value << BigInt(nth * width)), 0n)
  return Array.from({ length: (values.length * width) / 8 }, () => {
    const byte = Number(bits & 255n)
    bits >>= 8n
    return byte
  })
}
