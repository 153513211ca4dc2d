import { ThriftReader } from './thrift-reader.ts'

/**
 * What stands before a page, as far as a reader needs it. Files have a header every few thousand values, with statistics
 * that nobody asks for here: they are skipped, which takes a tenth of the time that making objects of all of it does.
 */
export interface PageHeader {
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly crc: number | undefined
  /** `undefined` for pages that hold neither values nor a dictionary. */
  readonly page: DataPageHeader | DictionaryPageHeader | undefined
}

/** Of a page of values. */
export interface DataPageHeader {
  readonly version: 1 | 2
  /** Nulls count. */
  readonly rows: number
  readonly encoding: Encoding
  /** Of version 2 alone, where levels are told apart from the values; else 0. */
  readonly definitionBytes: number
  readonly repetitionBytes: number
  readonly isCompressed: boolean
}

/** Of a page that other pages take their values from. */
interface DictionaryPageHeader {
  readonly version: 'dictionary'
  readonly size: number
}

/** The header at the start of some bytes, and how many it takes; throws where the bytes end before it does. */
export function readPageHeader(bytes: Uint8Array): { readonly header: PageHeader; readonly length: number } {
  const reader = new ThriftReader(bytes, 'a page header')
  let compressedSize = -1
  let uncompressedSize = -1
  let crc: number | undefined
  let page: PageHeader['page']
  reader.fields((id) => {
    if (id === 2) uncompressedSize = reader.integer()
    else if (id === 3) compressedSize = reader.integer()
    else if (id === 4) crc = reader.integer()
    else if (id === 5) page = readDataPage(reader)
    else if (id === 7) page = { version: 'dictionary', size: readFirst(reader) }
    else if (id === 8) page = readDataPage2(reader)
    else reader.skip()
  })
  return { header: { compressedSize, uncompressedSize, crc, page }, length: reader.length }
}

function readDataPage(reader: ThriftReader): DataPageHeader {
  let rows = -1
  let encoding = -1
  reader.struct((id) => {
    if (id === 1) rows = reader.integer()
    else if (id === 2) encoding = reader.integer()
    else reader.skip()
  })
  const levels = { definitionBytes: 0, repetitionBytes: 0 }
  return { version: 1, rows, encoding: encodingOf(encoding), ...levels, isCompressed: true }
}

function readDataPage2(reader: ThriftReader): DataPageHeader {
  let rows = -1
  let encoding = -1
  let definitionBytes = -1
  let repetitionBytes = -1
  let isCompressed = true
  reader.struct((id) => {
    if (id === 1) rows = reader.integer()
    else if (id === 4) encoding = reader.integer()
    else if (id === 5) definitionBytes = reader.integer()
    else if (id === 6) repetitionBytes = reader.integer()
    else if (id === 7) isCompressed = reader.flag()
    else reader.skip()
  })
  return { version: 2, rows, encoding: encodingOf(encoding), definitionBytes, repetitionBytes, isCompressed }
}

/** The first field of a structure, which is an integer. */
function readFirst(reader: ThriftReader): number {
  let value = 0
  reader.struct((id) => {
    if (id === 1) value = reader.integer()
    else reader.skip()
  })
  return value
}

const ENCODINGS = [
  'PLAIN',
  undefined,
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
] as const

/** How the values of a page are encoded, as Parquet calls it. */
export type Encoding = NonNullable<(typeof ENCODINGS)[number]>

function encodingOf(number: number): Encoding {
  const encoding = ENCODINGS[number]
  if (encoding !== undefined) return encoding
  throw new Error(`a page has an encoding of number ${number}, which there is not`)
}
