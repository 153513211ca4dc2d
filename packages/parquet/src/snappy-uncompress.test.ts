import fc from 'fast-check'
import { snappyUncompress } from 'hyparquet/src/snappy.js'
import { snappyCompress } from 'hysnappy'
import { describe, expect, test } from 'vitest'
import { compressSnappy, snappyLiteral } from './snappy-compress.ts'
import { decodeMemory } from './decode-memory.ts'
import { uncompressSnappy } from './snappy-uncompress.ts'

const COMPRESSORS: [string, (input: Uint8Array) => Uint8Array][] = [
  ['our own', (input) => compressSnappy(input).slice()],
  ['one literal', snappyLiteral],
  ['hysnappy', snappyCompress],
]

describe.each(COMPRESSORS)('uncompressSnappy of what %s compressed', (_, compress) => {
  test('gives the input, whatever repeats in it and at whatever distance', () => {
    const piece = fc.oneof(
      fc.record({ bytes: fc.uint8Array({ maxLength: 90 }), times: fc.integer({ min: 1, max: 60 }) }),
      fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }), times: fc.integer({ min: 1, max: 9000 }) }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const input = Uint8Array.from(
          Buffer.concat(pieces.flatMap(({ bytes, times }) => Array<Uint8Array>(times).fill(bytes))),
        )
        expect(Buffer.compare(uncompressed(compress(input), input.length), input)).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test.each([0, 1, 15, 16, 17, 59, 60, 61, 64, 65, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])(
    'gives %d bytes without a repeat',
    (length) => {
      const input = noise(length)
      expect(Buffer.compare(uncompressed(compress(input), length), input)).toBe(0)
    },
  )
})

describe('uncompressSnappy', () => {
  test('writes on nothing that was taken before', () => {
    const input = Uint8Array.from(Buffer.concat([noise(40), Buffer.alloc(30, 'ab'), noise(9), Buffer.alloc(99, 'x')]))
    const packed = snappyCompress(input)
    const memory = decodeMemory()
    memory.startPage()
    const before = memory.take(100)
    memory.view(before, 100).fill(7)
    expect(uncompressSnappy(() => packed, input.length)()).toEqual(input)
    expect(memory.view(before, 100).every((byte) => byte === 7)).toBe(true)
  })

  test('agrees with another decoder on damaged input, or refuses it', () => {
    const good = snappyCompress(Uint8Array.from(Buffer.concat([noise(300), Buffer.alloc(500, 'abc'), noise(20)])))
    let refused = 0
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.nat(255), fc.nat(3), (at, byte, cut) => {
        const input = good.slice(0, good.length - cut)
        input[at] = byte
        const output = attempt(() => uncompressed(input, 820))
        if (output === undefined) refused++
        // The other one takes seconds over some of what is refused here.
        else expect(attempt(() => uncompressedByOthers(input, 820))).toEqual(output)
      }),
      { numRuns: 400 },
    )
    expect(refused).toBeGreaterThan(50)
  })

  test.each<[string, number[], number]>([
    ['another length than was promised', [3, 8, 1, 2, 3], 4],
    ['a stretch that ends too early', [4, 12, 1, 2, 3], 4],
    ['a stretch longer than the output', [2, 8, 1, 2, 3], 2],
    ['a stretch of four gigabytes', [4, 252, 255, 255, 255, 255, 1, 2, 3, 4], 4],
    ['a repeat of what lies before the start', [5, 0, 1, 1, 9], 5],
    ['a repeat at no distance', [5, 0, 1, 1, 0], 5],
    ['a repeat at a distance of four gigabytes', [5, 0, 1, 15, 255, 255, 255, 255], 5],
    ['too few bytes in all', [9, 0, 1], 9],
    ['nothing', [], 3],
  ])('refuses %s', (_, input, size) => {
    expect(() => uncompressed(Uint8Array.from(input), size)).toThrow(/damaged|as long as it says/)
  })
})

function uncompressed(input: Uint8Array, size: number): Uint8Array {
  decodeMemory().startPage()
  return uncompressSnappy(() => input, size)()
}

function uncompressedByOthers(input: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size)
  snappyUncompress(input, output)
  return output
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function noise(length: number): Uint8Array {
  let state = 7
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state >>> 24
  })
}
