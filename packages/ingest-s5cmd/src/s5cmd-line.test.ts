import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyLine, fitsInLine } from './s5cmd-line.ts'

const key = fc.string({ minLength: 1, unit: 'grapheme' }).filter(fitsInLine)

describe('copyLine', () => {
  test('is split into exactly the words that went in, whatever they hold', () => {
    fc.assert(
      fc.property(key, key, (from, to) => {
        const pair = { from: `s3://a/${from}`, to: `/tmp/${to}` }
        expect(wordsOf(copyLine(pair))).toEqual(['cp', '--raw', pair.from, pair.to])
      }),
    )
  })

  test.each(['a\nb', 'a\rb', 'a\0b', 'a\u0085b', 'a\ud800', '--delete'])('refuses %j', (from) => {
    expect(() => copyLine({ from, to: 's3://b/k' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})

/** The rule of shells for single quotes and backslashes, letter by letter. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let isQuoted = false
  for (let index = 0; index < line.length; index++) {
    const letter = line.charAt(index)
    if (isQuoted) {
      if (letter === "'") isQuoted = false
      else word = `${word ?? ''}${letter}`
    } else if (letter === "'") {
      isQuoted = true
      word ??= ''
    } else if (letter === '\\') {
      word = `${word ?? ''}${line.charAt(++index)}`
    } else if (letter === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = `${word ?? ''}${letter}`
    }
  }
  if (word !== undefined) words.push(word)
  return words
}
