import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasLongNumber } from './long-number.ts'

test('16 digits in a row are found wherever they stand', () => {
  const piece = fc.oneof(
    fc.integer({ min: 1, max: 40 }).map((length) => '7'.repeat(length)),
    fc.stringMatching(/^[^0-9]{1,20}$/),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      expect(hasLongNumber(text)).toBe(/[0-9]{16}/.test(text))
    }),
  )
  expect(hasLongNumber('1234567890123456')).toBe(true)
  expect(hasLongNumber('[1704067200000,"123456789012345"]')).toBe(false)
})
