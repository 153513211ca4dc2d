import { isDeepStrictEqual } from 'node:util'
import { type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { fileColumns } from './file-columns.ts'
import type { FileFooter } from './file-footer.ts'
import { readFooter } from './read-footer.ts'
import { storedToMicros } from './stored-times.ts'
import { sampleFiles } from './testing/sample-files.ts'
import { timeRange } from './time-statistics.ts'

describe.each(sampleFiles())('the footer of a file of %s', (_, file) => {
  const bytes = footerOf(file)

  test('is what another reader finds', () => {
    expect(comparable(readFooter(bytes))).toEqual(ofOthers(parquetMetadata(file)))
  })

  test('is not found in a part of it', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readFooter(bytes.subarray(0, length))).toThrow('the footer ends in the middle')
    }
  })

  test('has the times of its row groups', () => {
    const footer = readFooter(bytes)
    const theirs = parquetMetadata(file, { parsers: PARSERS })
    for (const column of fileColumns(footer).values()) {
      if (column.kind !== 'time') continue
      for (const [nth, group] of footer.rowGroups.entries()) {
        const chunks = theirs.row_groups[nth]?.columns ?? []
        const { statistics } =
          chunks.find(({ meta_data }) => meta_data?.path_in_schema[0] === column.name)?.meta_data ?? {}
        const { min_value: first, max_value: last } = statistics ?? {}
        const isKnown = typeof first === 'bigint' && typeof last === 'bigint'
        const { unit } = column
        expect(timeRange(group, column)).toEqual(
          isKnown
            ? { from: Number(storedToMicros(first, unit)), to: Number(storedToMicros(last, unit)) + 1 }
            : undefined,
        )
      }
    }
  })

  test('is refused or read where it is damaged, then as a rule as another reader does', () => {
    const random = randomNumbers(bytes.length)
    const times = { refused: 0, asOthers: 0, otherwise: 0 }
    for (let time = 0; time < 1000; time++) {
      const damaged = bytes.slice()
      for (let flips = random(3); flips >= 0; flips--) damaged[random(bytes.length)] = random(256)
      const found = outcomeOf(() => comparable(readFooter(damaged)))
      if (found instanceof Error) {
        expect(found.message).toMatch(/^the footer /)
        times.refused++
      } else {
        // That one knows no fields of the wrong type, and drops a codec or an index that there is not.
        const theirs = outcomeOf(() => ofOthers(parquetMetadata(inFile(damaged))))
        times[isDeepStrictEqual(found, theirs) ? 'asOthers' : 'otherwise']++
      }
    }
    expect(times.refused).toBeGreaterThan(100)
    expect(times.asOthers).toBeGreaterThan(3 * times.otherwise)
  })
})

test('a list that claims more than there is, a number without end and a field of another type are refused', () => {
  // Field 4, a list of 2^32 - 1 structures.
  expect(() => readFooter(Uint8Array.of(0x49, 0xfc, 255, 255, 255, 255, 15))).toThrow('ends in the middle')
  expect(() => readFooter(new Uint8Array(20).fill(255).fill(0x36, 0, 1))).toThrow('does not end')
  // Field 3, the rows: 2^60, then as bytes.
  expect(() => readFooter(Uint8Array.of(0x36, 128, 128, 128, 128, 128, 128, 128, 128, 32))).toThrow('too large')
  expect(() => readFooter(Uint8Array.of(0x38, 1, 65, 0))).toThrow('type 8 where another one belongs')
  expect(() => readFooter(Uint8Array.of(0))).toThrow('lacks columns, rows or row groups')
})

test('structures within structures without end are an error and no crash', () => {
  expect(() => readFooter(new Uint8Array(1 << 20).fill(0xfc))).toThrow()
})

function outcomeOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

/** What stands before the length of the footer, which stands before the name of the format. */
function footerOf(file: Uint8Array): Uint8Array {
  const end = file.length - 8
  return file.slice(end - Buffer.from(file).readUInt32LE(end), end)
}

function comparable({ rows, schema, rowGroups, metadata, createdBy }: FileFooter): unknown {
  const groups = rowGroups.map(({ rows, chunks }) => {
    return {
      rows,
      chunks: [...chunks].map(([name, chunk]) => ({ name, ...chunk, statistics: chunk.statistics !== undefined })),
    }
  })
  return { rows, schema, groups, metadata, createdBy }
}

/** A footer and what stands behind it. */
function inFile(footer: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return new Uint8Array(Buffer.concat([footer, length, Buffer.from('PAR1')]))
}

/** Times as the integers that they are, not as Date. */
const PARSERS = {
  timestampFromMilliseconds: (value: bigint) => value,
  timestampFromMicroseconds: (value: bigint) => value,
  timestampFromNanoseconds: (value: bigint) => value,
}

function ofOthers({ num_rows, schema, row_groups, key_value_metadata = [], created_by }: FileMetaData): unknown {
  const groups = row_groups.map(({ num_rows, columns }) => {
    const chunks = columns.flatMap((column) => {
      const { meta_data: chunk } = column
      const [name, ...more] = chunk?.path_in_schema ?? []
      if (chunk === undefined || more.length > 0) return []
      const start = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset)
      const { codec, statistics } = chunk
      return {
        name,
        codec,
        pages: { start, end: start + Number(chunk.total_compressed_size) },
        uncompressedBytes: Number(chunk.total_uncompressed_size),
        statistics: statistics !== undefined,
        offsetIndex: partOf(column.offset_index_offset, column.offset_index_length),
        columnIndex: partOf(column.column_index_offset, column.column_index_length),
      }
    })
    return { rows: Number(num_rows), chunks }
  })
  return {
    rows: Number(num_rows),
    schema: schema.map(elementOfOthers),
    groups,
    metadata: Object.fromEntries(key_value_metadata.map(({ key, value }) => [key, value ?? ''])),
    createdBy: created_by,
  }
}

function elementOfOthers(element: SchemaElement): unknown {
  const { logical_type: logical } = element
  return {
    name: element.name,
    type: element.type,
    typeLength: element.type_length ?? 0,
    repetition: element.repetition_type,
    children: element.num_children ?? 0,
    convertedType: element.converted_type,
    scale: element.scale ?? 0,
    precision: element.precision ?? 0,
    logicalType: logical && {
      type: logical.type,
      ...('unit' in logical && { unit: logical.unit }),
      ...('isSigned' in logical && { isSigned: logical.isSigned }),
    },
  }
}

function partOf(offset: bigint | undefined, length: number | undefined): unknown {
  const start = Number(offset ?? 0)
  return { start, end: start + (length ?? 0) }
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}
