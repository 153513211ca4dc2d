import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMemory } from './decode-memory.ts'
import { decodeBits, placeBits, placeCodes } from './decode-runs.ts'
import { codesAt } from './translate-codes.ts'

describe('runs and packed groups', () => {
  test('give back what was encoded, whatever the mix of them', () => {
    const values = fc.integer({ min: 0, max: 24 }).chain((width) =>
      fc.record({
        width: fc.constant(width),
        pieces: fc.array(
          fc.record({
            repeat: fc.option(fc.integer({ min: 1, max: 300 })),
            groups: fc.array(fc.array(fc.integer({ min: 0, max: 2 ** width - 1 }), { minLength: 8, maxLength: 8 }), {
              minLength: 1,
              maxLength: 5,
            }),
          }),
        ),
        cut: fc.nat(7),
      }),
    )
    fc.assert(
      fc.property(values, ({ width, pieces, cut }) => {
        const bytes: number[] = []
        const expected: number[] = []
        for (const { repeat, groups } of pieces) {
          const [value = 0] = groups[0] ?? []
          if (repeat !== null) {
            bytes.push(...varint(repeat * 2), ...littleEndian(value, Math.ceil(width / 8)))
            expected.push(...new Array<number>(repeat).fill(value))
          } else {
            bytes.push(...varint(groups.length * 2 + 1), ...packed(groups.flat(), width))
            expected.push(...groups.flat())
          }
        }
        // The last group is padded: a reader knows how many values there are.
        const rows = Math.max(0, expected.length - cut)
        const decoded = new Int32Array(rows)
        decodeRuns(Uint8Array.from(bytes), width, decoded)
        expect([...decoded]).toEqual(expected.slice(0, rows))
      }),
    )
  })

  test.each(Array.from({ length: 25 }, (_, width) => width))('takes values of %d bits apart', (width) => {
    const most = 2 ** width - 1
    const value = fc.oneof(fc.integer({ min: 0, max: most }), fc.constantFrom(0, most))
    const groups = fc.array(fc.array(value, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(groups, fc.nat(7), (list, cut) => {
        const values = list.flat()
        const decoded = new Int32Array(values.length - cut)
        // What fills up the last group is not looked at, or is not there.
        const bytes = [...varint(list.length * 2 + 1), ...packed(values, width)]
        const needed = bytes.length - Math.floor((cut * width) / 8)
        const greatest = decodeRuns(Uint8Array.from(bytes.slice(0, needed)), width, decoded)
        expect([...decoded]).toEqual(values.slice(0, decoded.length))
        expect(greatest).toBe(Math.max(...decoded))
      }),
      { numRuns: 40 },
    )
  })

  test('gives single bits a byte each', () => {
    const piece = fc.record({ isRun: fc.boolean(), bits: fc.array(fc.nat(1), { minLength: 1, maxLength: 9 }) })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), fc.nat(7), (pieces, cut) => {
        const bytes: number[] = []
        const expected: number[] = []
        for (const { isRun, bits } of pieces) {
          const [first = 0] = bits
          const values = isRun ? new Array<number>(bits.length * 5).fill(first) : bits.flatMap((bit) => [...bits, bit])
          while (values.length % 8 > 0) values.push(first)
          if (isRun) bytes.push(...varint(values.length * 2), first)
          else bytes.push(...varint((values.length / 8) * 2 + 1), ...packed(values, 1))
          expected.push(...values)
        }
        const flags = new Uint8Array(expected.length - cut)
        decodeBits(Uint8Array.from(bytes), flags)
        expect([...flags]).toEqual(expected.slice(0, flags.length))
        const { ones } = placeBits(decodeMemory(), Uint8Array.from(bytes), flags.length)
        expect(ones).toBe(flags.filter((flag) => flag === 1).length)
      }),
    )
  })

  test('refuses bits that are neither 0 nor 1', () => {
    expect(() => {
      decodeBits(Uint8Array.of(8, 2), new Uint8Array(4))
    }).toThrow('has other ones')
  })

  test('stops at the number of values however long a run claims to be', () => {
    const decoded = new Int32Array(5)
    decodeRuns(Uint8Array.from([...varint(2 ** 34), 1]), 1, decoded)
    expect([...decoded]).toEqual([1, 1, 1, 1, 1])
    decodeRuns(Uint8Array.from(varint(2 ** 34 + 1)), 0, decoded)
    expect([...decoded]).toEqual([0, 0, 0, 0, 0])
  })

  test.each<[string, number[], number]>([
    ['no bytes', [], 1],
    ['runs of length zero', [0, 0, 0, 0], 0],
    ['a packed group that is cut', [3, 255], 9],
    ['a run without its value', [8], 1],
    ['a length of too many digits', [255, 255, 255, 255, 255, 255, 1], 1],
    ['values that are too wide', [8, 0, 0, 0, 0], 25],
  ])('refuses %s', (_, bytes, width) => {
    expect(() => {
      decodeRuns(Uint8Array.from(bytes), width, new Int32Array(4))
    }).toThrow()
  })
})

function varint(value: number): number[] {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return [...bytes, value]
}

function littleEndian(value: number, length: number): number[] {
  return Array.from({ length }, (_, byte) => (value >>> (8 * byte)) & 255)
}

function packed(values: readonly number[], width: number): number[] {
  const bits = values.flatMap((value) => Array.from({ length: width }, (_, bit) => (value >>> bit) & 1))
  return Array.from({ length: bits.length / 8 }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, at) => sum + bit * 2 ** at, 0),
  )
}

/** Fills `values` and returns the greatest. */
function decodeRuns(bytes: Uint8Array, width: number, values: Int32Array): number {
  const memory = decodeMemory()
  const { at, greatest } = placeCodes(memory, bytes, { width, count: values.length })
  values.set(codesAt(memory, at, values.length))
  return greatest
}
