import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys } from './key-order.ts'

test('compareKeys orders as the UTF-8 bytes do', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '/', '-', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
  })
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 2000 },
  )
})
