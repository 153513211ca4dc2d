import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coveringPrefixes } from './covering-prefixes.ts'

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '1', '龙'), minLength: 1, maxLength: 6 })
const listing = fc.uniqueArray(key, { maxLength: 40 }).map((keys) => keys.sort())

test('covers what is wanted and nothing else, as much of it as prefixes can', () => {
  const cases = fc.tuple(listing, fc.func(fc.boolean()), fc.integer({ min: 1, max: 4 }))
  fc.assert(
    fc.property(cases, ([listed, isWanted, atLeast]) => {
      const found = coveringPrefixes(listed, isWanted, atLeast)
      for (const { prefix, keys } of found) {
        expect(listed.filter((other) => other.startsWith(prefix))).toEqual(keys)
        expect(keys.every(isWanted)).toBe(true)
        expect(keys.length).toBeGreaterThanOrEqual(atLeast)
      }
      const covered = found.flatMap(({ keys }) => keys)
      expect(covered).toHaveLength(new Set(covered).size)
      // Whatever any prefix could cover alone is covered.
      for (const prefix of listed.flatMap((text) => Array.from(text, (_, end) => text.slice(0, end + 1)))) {
        const below = listed.filter((other) => other.startsWith(prefix))
        if (below.length >= atLeast && below.every(isWanted)) expect(covered).toEqual(expect.arrayContaining(below))
      }
    }),
  )
})

test('one prefix is enough where all is wanted', () => {
  const listed = ['1m/a-01', '1m/a-02', '1m/a-10']
  expect(coveringPrefixes(listed, () => true, 3)).toEqual([{ prefix: '1m/a-', keys: listed }])
  expect(coveringPrefixes(listed, () => true, 4)).toEqual([])
  expect(coveringPrefixes(listed, (name) => name !== '1m/a-10', 2)).toEqual([
    { prefix: '1m/a-0', keys: listed.slice(0, 2) },
  ])
})
