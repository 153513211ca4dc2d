import { floatValues, integerValues, wordValues } from '@lake/core'
import type { CompressionCodec, SchemaElement } from 'hyparquet'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { readParquet } from './index.ts'

const ROWS = 3000

// With few values there are fewer than a page has rows, with many more; each row group begins with others.
describe.each([3, 200, 900])('dictionaries of %d values', (values) => {
  const picks = Array.from({ length: ROWS }, (_, row) => (row * row + Math.floor(row / 1000)) % values)

  test('of integers of four bytes', async () => {
    const read = await readParquet(
      file(
        { type: 'INT32' },
        Int32Array.from(picks, (pick) => pick * 1e6 - 5),
      ),
    )
    expect([...integerValues(read, 'x')]).toEqual(picks.map((pick) => BigInt(pick * 1e6 - 5)))
  })

  test.each([0, 1, 2, 3])('of integers of four bytes, in a Buffer that begins at byte %d', async (offset) => {
    const integers = Int32Array.from(picks, (pick) => pick - 7)
    const bytes = file({ type: 'INT32' }, integers, 'UNCOMPRESSED')
    const source = Buffer.concat([new Uint8Array(offset), bytes]).subarray(offset)
    expect([...integerValues(await readParquet(source), 'x')]).toEqual(Array.from(integers, BigInt))
  })

  test('of floats of four bytes', async () => {
    const read = await readParquet(
      file(
        { type: 'FLOAT' },
        Float32Array.from(picks, (pick) => pick / 8),
      ),
    )
    expect([...floatValues(read, 'x')]).toEqual(picks.map((pick) => pick / 8))
  })

  test('of numbers of eight bytes', async () => {
    const read = await readParquet(
      file(
        { type: 'DOUBLE' },
        Float64Array.from(picks, (pick) => pick / 10),
      ),
    )
    expect([...floatValues(read, 'x')]).toEqual(picks.map((pick) => pick / 10))
  })

  test('of words, some of which are null', async () => {
    const words = picks.map((pick, row) => (row % 7 === 0 ? null : `word ${pick}`))
    const text: Partial<SchemaElement> = { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }
    const read = wordValues(await readParquet(file(text, words)), 'x')
    expect(Array.from(read.codes, (code) => read.words[code] ?? null)).toEqual(words)
  })

  test('of words', async () => {
    const words = picks.map((pick) => `word ${pick}`)
    const read = wordValues(await readParquet(file({ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, words)), 'x')
    expect(Array.from(read.codes, (code) => read.words[code])).toEqual(words)
    expect(read.words).toEqual([...new Set(words)])
  })
})

function file(
  element: Partial<SchemaElement>,
  data: ColumnSource['data'],
  codec: CompressionCodec = 'SNAPPY',
): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      rowGroupSize: 1000,
      pageSize: 1000,
      schema: [
        { name: 'root', num_children: 1 },
        { name: 'x', repetition_type: 'REQUIRED', ...element },
      ],
      columnData: [{ name: 'x', data, encoding: 'RLE_DICTIONARY' }],
    }),
  )
}
