import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAscending, isStrictlyAscending, rowOrder, sortRows } from './sort-rows.ts'

const anyId = fc.oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))

describe('sortRows', () => {
  test('orders 64-bit integers and keeps the rows of equal ones in order', () => {
    fc.assert(
      fc.property(fc.array(anyId, { maxLength: 80 }), (ids) => {
        const wanted = [...ids.keys()].sort((a, b) => {
          const [idA = 0n, idB = 0n] = [ids[a], ids[b]]
          return idA === idB ? a - b : idA < idB ? -1 : 1
        })
        expect([...sortRows(rowOrder({ keys: BigInt64Array.from(ids) }))]).toEqual(wanted)
      }),
      { numRuns: 500 },
    )
  })

  test('tells sorted values with and without repetition', () => {
    fc.assert(
      fc.property(fc.array(anyId, { maxLength: 5 }), (ids) => {
        const keys = BigInt64Array.from(ids)
        expect(isAscending(keys)).toBe(ids.every((id, index) => id >= (ids[index - 1] ?? id)))
        expect(isStrictlyAscending({ keys })).toBe(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? id)))
      }),
    )
  })
})
