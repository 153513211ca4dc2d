import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeWords } from './code-words.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

// Among them words that differ in their last byte only, that begin with zeros, and that are as long as a key or a lane.
const POOL = ['', 'buy', 'sell', '\0', '\0\0', 'a', '\0a', 'a\0', 'abcdefg', 'abcdefgh', 'abcdefgi', 'abcdefgh9']
const LONGER = ['abcdefgh\0', 'abcdefghijkl', 'abcdefghijkm', 'abcdefghijklm', 'zzcdefghijklm', 'abcdefghijklmnopqrst']
const word = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom(...POOL, ...LONGER))

test('gives the same word the same code, counted as they come', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 300 }), (pool, picks) => {
      const words = pool.length === 0 ? [] : picks.map((pick) => pool[pick % pool.length] ?? '')
      expect(coded(words)).toEqual(expected(words))
    }),
    { numRuns: 300 },
  )
})

test('gives words that repeat their codes, however long they do', () => {
  const run = fc.tuple(word, fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })))
  fc.assert(
    fc.property(fc.array(run, { maxLength: 12 }), (runs) => {
      const words = runs.flatMap(([text, count]) => new Array<string>(count).fill(text))
      expect(coded(words)).toEqual(expected(words))
    }),
    { numRuns: 300 },
  )
})

test('gives the codes that the words have elsewhere', () => {
  const words = Array.from({ length: 200 }, (_, nth) => POOL[(nth * nth) % 7] ?? '')
  const codes = codeWords(plain(words), words.length, (bytes) => 1000 - POOL.indexOf(decoder.decode(bytes)))
  expect([...(codes ?? [])]).toEqual(words.map((text) => 1000 - POOL.indexOf(text)))
})

test('has room for 1024 different words', () => {
  for (const name of ['w', 'a long word, number ']) {
    const words = Array.from({ length: 3000 }, (_, nth) => `${name}${nth % 1024}`)
    expect(coded(words)).toEqual(expected(words))
    expect(coded([...words, 'other'])).toBeUndefined()
  }
})

test.each([
  ['fewer words than it claims', [3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7], 2],
  ['a word of four gigabytes', [255, 255, 255, 255, 1, 2, 3, 4], 1],
  ['a word that ends too late', [4, 0, 0, 0, 1, 2, 3], 1],
  ['a word without all of its length', [0, 0, 0, 0, 0, 0, 0], 2],
  ['more words than there are bytes', [0, 0, 0, 0], 1e9],
  ['less than none', [0, 0, 0, 0], -1],
])('refuses %s', (_, bytes, count) => {
  expect(() => codeWords(Uint8Array.from(bytes), count, () => 0)).toThrow('ends before its words do')
})

test('refuses words that repeat until they are cut', () => {
  for (const text of ['', 'buy', 'abcdefgh', 'abcdefghijklmnop']) {
    const bytes = plain(new Array<string>(300).fill(text))
    expect(codeWords(bytes, 300, () => 0)).toHaveLength(300)
    // Behind the end there is what was there before, and would fit.
    for (const cut of [1, 3, 4]) {
      expect(() => codeWords(bytes.subarray(0, -cut), 300, () => 0)).toThrow('ends before its words do')
    }
  }
})

function coded(words: readonly string[]): { words: string[]; codes: number[] } | undefined {
  const found: string[] = []
  const codes = codeWords(plain(words), words.length, (bytes) => found.push(decoder.decode(bytes)) - 1)
  return codes && { words: found, codes: [...codes] }
}

function expected(words: readonly string[]): { words: string[]; codes: number[] } {
  const different = [...new Set(words)]
  return { words: different, codes: words.map((text) => different.indexOf(text)) }
}

function plain(words: readonly string[]): Uint8Array {
  return Buffer.concat(
    words.flatMap((text) => {
      const bytes = encoder.encode(text)
      return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes]
    }),
  )
}
