import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeWords } from './code-words.ts'

const encoder = new TextEncoder()

test('gives the same word the same code, counted as they come', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom('', 'buy', 'sell', 'abcdefgh', 'abcdefg', 'abcdefgh9'),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 200 }), (pool, picks) => {
      const words = pool.length === 0 ? [] : picks.map((pick) => pool[pick % pool.length] ?? '')
      const different = [...new Set(words)]
      const coded = codeWords(plain(words), words.length)
      expect(coded?.words.map((bytes) => new TextDecoder().decode(bytes))).toEqual(different)
      expect([...(coded?.codes ?? [])]).toEqual(words.map((word) => different.indexOf(word)))
    }),
    { numRuns: 150 },
  )
})

test('has room for 1024 different words', () => {
  const words = Array.from({ length: 1025 }, (_, nth) => `word ${nth}`)
  expect(codeWords(plain(words.slice(1)), 1024)?.words).toHaveLength(1024)
  expect(codeWords(plain(words), 1025)).toBeUndefined()
})

test.each([
  ['fewer words than it claims', [3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7], 2],
  ['a word of four gigabytes', [255, 255, 255, 255, 1, 2, 3, 4], 1],
  ['a word that ends too late', [4, 0, 0, 0, 1, 2, 3], 1],
  ['more words than there are bytes', [0, 0, 0, 0], 1e9],
  ['less than none', [0, 0, 0, 0], -1],
])('refuses %s', (_, bytes, count) => {
  expect(() => codeWords(Uint8Array.from(bytes), count)).toThrow('ends before its words do')
})

function plain(words: readonly string[]): Uint8Array {
  return Buffer.concat(
    words.flatMap((word) => {
      const bytes = encoder.encode(word)
      return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes]
    }),
  )
}
