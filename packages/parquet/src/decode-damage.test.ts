import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeWords } from './code-words.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { decodeMemory } from './decode-memory.ts'
import { placeBits, placeCodes } from './decode-runs.ts'

type Decode = (bytes: Uint8Array, count: number, width: number) => unknown

const small = fc.constantFrom(0, 1, 2, 3, 4, 8, 128)
const someBytes = fc.array(fc.oneof(small, fc.nat(255)), { maxLength: 200 })

// An error of a trap would be a `RuntimeError`.
test.each<[string, Decode]>([
  ['codes', (bytes, count, width) => placeCodes(decodeMemory(), bytes, { width, count })],
  ['bits', (bytes, count) => placeBits(decodeMemory(), bytes, count)],
  ['words', (bytes, count) => codeWords(bytes, count, () => 0)],
  ['deltas', (bytes, count) => decodeDeltas(bytes, new BigInt64Array(count))],
  // A head as it should be gets further.
  ['blocks', (bytes, count) => decodeDeltas(Uint8Array.of(16, 2, 100, 0, 2, ...bytes), new BigInt64Array(count))],
])('%s of whatever bytes are decoded or refused', (_, decode) => {
  fc.assert(
    fc.property(someBytes, fc.nat(100), fc.nat(24), (bytes, count, width) => {
      try {
        decode(Uint8Array.from(bytes), count, width)
      } catch (error) {
        expect(String(error)).toMatch(/^Error: a page /)
      }
    }),
    { numRuns: 500 },
  )
})
