import { floatValues, integerValues, nullFlags } from '@lake/core'
import fc from 'fast-check'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { snappyCompress } from 'hysnappy'
import { describe, expect, test } from 'vitest'
import { readParquet } from './index.ts'

/*
 * In pages of version 1 levels and values are compressed as one, and the levels of a page come to lie on the values of
 * the page before while it is uncompressed. Some pages have nulls, some have none, and some columns have one page.
 */
describe('pages of version 1', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(1, 2.5, -0))
  const page = fc.record({ values: fc.array(value, { minLength: 1, maxLength: 40 }), hasNulls: fc.boolean() })

  test.each(['SNAPPY', 'UNCOMPRESSED'] as const)('come back value for value, %s', async (codec) => {
    await fc.assert(
      fc.asyncProperty(fc.array(page, { minLength: 1, maxLength: 12 }), async (pages) => {
        const numbers = pages.flatMap(({ values, hasNulls }) =>
          values.map((x, at) => (hasNulls && at % 3 === 1 ? null : x)),
        )
        const integers = numbers.map((x, row) => (x === null ? null : BigInt(row) * 1_000_003n - 7n))
        const bytes = new Uint8Array(
          parquetWriteBuffer({
            codec,
            compressors: { SNAPPY: snappyCompress },
            pageSize: 160,
            schema: [
              { name: 'root', num_children: 2 },
              { name: 'number', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
              { name: 'integer', type: 'INT64', repetition_type: 'OPTIONAL' },
            ],
            columnData: [
              { name: 'number', data: numbers, encoding: 'PLAIN' },
              { name: 'integer', data: integers, encoding: 'PLAIN' },
            ],
          }),
        )
        const table = await readParquet(bytes)
        expect([...floatValues(table, 'number')]).toEqual(numbers.map((x) => x ?? Number.NaN))
        const nulls = nullFlags(table, 'integer')
        expect(Array.from(integerValues(table, 'integer'), (x, row) => (nulls?.[row] === 1 ? null : x))).toEqual(
          integers,
        )
      }),
      { numRuns: 80 },
    )
  })
})
