import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMemory } from './decode-memory.ts'

/** A literal of random bytes, or a copy: snappy has three kinds, with 1, 2 and 4 bytes behind the tag. */
type Element = { readonly literal: number } | { readonly kind: 1 | 2 | 3; readonly size: number; readonly back: number }

const KIND_1 = fc.record({ kind: fc.constant(1 as const), size: fc.integer({ min: 4, max: 11 }), back: backs(2047) })
const KIND_2 = fc.record({ kind: fc.constant(2 as const), size: fc.integer({ min: 1, max: 64 }), back: backs(65_535) })
const KIND_3 = fc.record({ kind: fc.constant(3 as const), size: fc.integer({ min: 1, max: 64 }), back: backs(100_000) })
const SHORT = fc.record({ literal: fc.integer({ min: 1, max: 5 }) })
const LONG = fc.record({ literal: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3000 })) })
// As columns of numbers have them, and everything else.
const ELEMENTS: fc.Arbitrary<Element[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.tuple(SHORT, fc.oneof(KIND_1, KIND_2)) },
      { weight: 2, arbitrary: fc.tuple(fc.oneof(KIND_1, KIND_2)) },
      { weight: 1, arbitrary: fc.tuple(fc.oneof(KIND_3, LONG)) },
    ),
    { minLength: 1, maxLength: 120, size: 'max' },
  )
  .map((steps) => steps.flat())

describe('uncompressSnappy, element by element', () => {
  test('agrees with a decoder that goes byte by byte', () => {
    fc.assert(
      fc.property(ELEMENTS, (elements) => {
        const { input, size } = packed(elements)
        expectAgreement(input, size, true)
      }),
      { numRuns: 150 },
    )
  })

  test('agrees with it on damaged input, input that ends anywhere, and another size', () => {
    let refused = 0
    fc.assert(
      fc.property(
        ELEMENTS,
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 3 }),
        fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
        fc.integer({ min: -200, max: 200 }),
        (elements, changes, share, more) => {
          const { input, size } = packed(elements)
          for (const [at, byte] of changes) input[Math.floor(at * (input.length - 1))] = byte
          const isWhole = expectAgreement(input.subarray(0, Math.floor(share * input.length)), Math.max(0, size + more))
          if (!isWhole) refused++
        },
      ),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  test.each([1, 2, 3] as const)('copies at all distances and sizes, by tags of kind %d', (kind) => {
    const sizes = kind === 1 ? [4, 5, 7, 8, 9, 11] : [1, 3, 4, 7, 8, 9, 12, 15, 16, 17, 24, 31, 33, 63, 64]
    for (let distance = 1; distance <= 80; distance++) {
      const copies = sizes.flatMap((size): Element[] => [
        { literal: 1 + (size % 5) },
        { kind, size, back: distance },
        { kind, size, back: distance },
      ])
      const { input, size } = packed([{ literal: 80 }, ...copies, { literal: 400 }])
      expectAgreement(input, size, true)
    }
  })

  test('puts literals of all sizes where they belong', () => {
    for (const bytes of [...Array.from({ length: 300 }, (_, at) => at + 1), 65_536, 65_537, 70_000]) {
      const { input, size } = packed([
        { literal: 20 },
        { literal: bytes },
        { kind: 1, size: 5, back: 8 },
        { literal: bytes },
      ])
      expectAgreement(input, size, true)
      const followed = packed([{ literal: bytes }, { kind: 2, size: 6, back: 1 }, { literal: 300 }])
      expectAgreement(followed.input, followed.size, true)
    }
  })

  test.each([
    ['at no distance', 0],
    ['from just before the start', 101],
    ['from before the start', 60_000],
  ])('refuses a copy %s, far from the ends', (_, distance) => {
    const { input, size } = packed([{ literal: 100 }, { kind: 2, size: 8, back: 99 }, { literal: 900 }])
    input[103] = distance & 255
    input[104] = distance >> 8
    expect(expectAgreement(input, size)).toBe(false)
  })
})

/** Distances, of which the near ones have paths of their own; of what lies before the start, packed takes another. */
function backs(max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(8, 16, 24), fc.integer({ min: 1, max }))
}

/** Elements as snappy has them, without the length that comes first, and of how many bytes they tell. */
function packed(elements: readonly Element[]): { readonly input: Uint8Array; readonly size: number } {
  const input: number[] = []
  let size = 0
  for (const element of elements) {
    if ('literal' in element) {
      const more = element.literal - 1
      const bytes = more < 60 ? 0 : more < 256 ? 1 : more < 65_536 ? 2 : 3
      input.push((bytes === 0 ? more : 59 + bytes) << 2)
      for (let byte = 0; byte < bytes; byte++) input.push((more >>> (8 * byte)) & 255)
      for (let at = 0; at <= more; at++) input.push((Math.imul(size + at, 0x9e37_79b1) >>> 13) & 255)
      size += element.literal
    } else if (size > 0) {
      const distance = ((element.back - 1) % size) + 1
      if (element.kind === 1) input.push(1 | ((element.size - 4) << 2) | ((distance >> 8) << 5), distance & 255)
      else input.push(element.kind | ((element.size - 1) << 2), distance & 255, (distance >> 8) & 255)
      if (element.kind === 3) input.push((distance >> 16) & 255, distance >>> 24)
      size += element.size
    }
  }
  return { input: Uint8Array.from(input), size }
}

/** What the kernel makes of an input is what `expand` makes of it, and nothing else of its memory is touched. */
function expectAgreement(input: Uint8Array, size: number, isSound?: boolean): boolean {
  const memory = decodeMemory()
  memory.startPage()
  const room = memory.take(64 + size + 256)
  memory.view(room, 64 + size + 256).fill(7)
  const output = room + 64
  // Behind the input lies what would go on.
  const { input: at } = memory.place(Uint8Array.from([...input, ...Array<number>(64).fill(1)]), 0)
  let isWhole = false
  if (memory.kernels.uncompressSnappy(at, input.length, output, size)) isWhole = true
  const expected = expand(input, size)
  expect(isWhole).toBe(expected !== undefined)
  if (isSound !== undefined) expect(isWhole).toBe(isSound)
  if (expected !== undefined) expect(Buffer.compare(memory.view(output, size), expected)).toBe(0)
  expect(memory.view(room, 64).every((byte) => byte === 7)).toBe(true)
  expect(memory.view(output + size + 32, 256 - 32).every((byte) => byte === 7)).toBe(true)
  return isWhole
}

/** Snappy, byte by byte. */
function expand(input: Uint8Array, size: number): Uint8Array | undefined {
  const output = new Uint8Array(size)
  let at = 0
  let end = 0
  const next = (bytes: number): number => {
    let value = 0
    for (let byte = 0; byte < bytes; byte++) value += (input[at++] ?? 0) * 256 ** byte
    return value
  }
  while (at < input.length) {
    const tag = next(1)
    const more = tag >> 2
    if ((tag & 3) === 0) {
      const bytes = (more < 60 ? more : next(more - 59)) + 1
      if (at + bytes > input.length || end + bytes > size) return undefined
      output.set(input.subarray(at, at + bytes), end)
      at += bytes
      end += bytes
      continue
    }
    const isNear = (tag & 3) === 1
    const bytes = isNear ? (more & 7) + 4 : more + 1
    const distance = isNear ? (tag >> 5) * 256 + next(1) : next((tag & 3) === 2 ? 2 : 4)
    if (at > input.length || distance === 0 || distance > end || end + bytes > size) return undefined
    for (let byte = 0; byte < bytes; byte++, end++) output[end] = output[end - distance] ?? 0
  }
  return end === size ? output : undefined
}
