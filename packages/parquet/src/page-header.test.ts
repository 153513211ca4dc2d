import { readdirSync, readFileSync } from 'node:fs'
import { type PageHeader as OtherHeader, parquetMetadata } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { expect, test } from 'vitest'
import { readPageHeader } from './page-header.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url)
const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))

test.each(files)(
  'the headers in %s are those that another reader finds, and none is found in a part of one',
  (name) => {
    const bytes = new Uint8Array(readFileSync(new URL(name, FIXTURES)))
    let headers = 0
    for (const { meta_data: chunk } of parquetMetadata(bytes.buffer).row_groups.flatMap(({ columns }) => columns)) {
      if (chunk === undefined) continue
      let at = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)
      const end = at + Number(chunk.total_compressed_size)
      while (at < end) {
        const reader = { view: new DataView(bytes.buffer, at), offset: 0 }
        const other = parquetHeader(reader)
        const { header, length } = readPageHeader(bytes.subarray(at))
        expect(header).toEqual(ours(other))
        expect(length).toBe(reader.offset)
        for (let part = 0; part < length; part++) {
          expect(() => readPageHeader(bytes.subarray(at, at + part))).toThrow('a page header ends in the middle')
        }
        at += length + header.compressedSize
        headers++
      }
    }
    expect(headers).toBeGreaterThan(0)
  },
)

test('an encoding that there is not is named', () => {
  // Field 5, a structure: its field 1 is 1, its field 2 is 77.
  const bytes = Uint8Array.of(0x5c, 0x15, 2, 0x15, 154, 1, 0, 0)
  expect(() => readPageHeader(bytes)).toThrow('number 77')
})

function ours(other: OtherHeader): unknown {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = other
  const sizes = { compressedSize: other.compressed_page_size, uncompressedSize: other.uncompressed_page_size }
  const found = { ...sizes, crc: other.crc }
  if (dictionary !== undefined) return { ...found, page: { version: 'dictionary', size: dictionary.num_values } }
  if (v1 !== undefined) {
    const levels = { definitionBytes: 0, repetitionBytes: 0 }
    const { num_values: rows, encoding } = v1
    return { ...found, page: { version: 1, rows, encoding, ...levels, isCompressed: true } }
  }
  if (v2 === undefined) return { ...found, page: undefined }
  return {
    ...found,
    page: {
      version: 2,
      rows: v2.num_values,
      encoding: v2.encoding,
      definitionBytes: v2.definition_levels_byte_length,
      repetitionBytes: v2.repetition_levels_byte_length,
      isCompressed: v2.is_compressed ?? true,
    },
  }
}
