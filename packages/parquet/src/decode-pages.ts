import { gunzipSync } from 'node:zlib'
import { LakeError } from '@lake/core'
import type { ColumnMetaData, Compressors, DecodedArray, Encoding, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js'
import { byteStreamSplit } from 'hyparquet/src/encoding.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { decodeRuns } from './decode-runs.ts'
import type { FileColumn } from './file-columns.ts'

/** Rows of a column as the file has them: `values` by `index`, or by row where there is no index; -1 is null. */
export interface DecodedPage {
  /** The first row, counted from the start of the file. */
  readonly start: number
  readonly rows: number
  readonly values: DecodedArray
  readonly index: Int32Array | undefined
}

/** Where pages come from: a column's bytes, from its dictionary or a data page on. */
export interface EncodedPages {
  readonly column: FileColumn
  readonly chunk: ColumnMetaData
  readonly bytes: Uint8Array
  /** The rows that the data pages cover. */
  readonly start: number
  readonly end: number
}

const COMPRESSORS: Compressors = { GZIP: (bytes) => gunzipSync(bytes) }

/** Throws, though not always a LakeError, when the bytes are not what the footer promises. */
export function decodePages({ column, chunk, bytes, start, end }: EncodedPages): DecodedPage[] {
  checkCodec(column, chunk)
  const pages: DecodedPage[] = []
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  let dictionary: DecodedArray | undefined
  for (let row = start; row < end;) {
    const header = parquetHeader(reader)
    const { compressed_page_size: size } = header
    if (!(size >= 0 && reader.offset + size <= bytes.length)) throw new Error('a page lies outside its column')
    const body = bytes.subarray(reader.offset, reader.offset + size)
    reader.offset += size
    if (header.type === 'DICTIONARY_PAGE') {
      const count = header.dictionary_page_header?.num_values ?? 0
      dictionary = readPlain(
        readerOf(decompress(body, header.uncompressed_page_size, chunk)),
        chunk.type,
        count,
        undefined,
      )
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const page = splitPage(header, body, column, chunk)
      if (page.rows > end - row) throw new Error('a page has more rows than its row group')
      pages.push({ start: row, rows: page.rows, ...decodeValues(page, chunk, dictionary) })
      row += page.rows
    }
  }
  return pages
}

/** A data page of either version, its parts told apart. */
interface SplitPage {
  readonly rows: number
  /** 1 where there is a value; `undefined` when there is one everywhere. */
  readonly present: Int32Array | undefined
  readonly encoding: Encoding
  readonly data: Uint8Array
}

function splitPage(header: PageHeader, body: Uint8Array, column: FileColumn, chunk: ColumnMetaData): SplitPage {
  const { data_page_header: v1, data_page_header_v2: v2, uncompressed_page_size: size } = header
  if (v2 !== undefined) {
    const { num_values: rows, definition_levels_byte_length: levelBytes, encoding } = v2
    const levels = column.nullable ? decodeLevels(body.subarray(0, levelBytes), rows) : undefined
    const rest = body.subarray(levelBytes)
    const data = v2.is_compressed === false ? rest : decompress(rest, size - levelBytes, chunk)
    return { rows, present: levels, encoding, data }
  }
  const { num_values: rows = 0, encoding = 'PLAIN' } = v1 ?? {}
  const data = decompress(body, size, chunk)
  if (!column.nullable) return { rows, present: undefined, encoding, data }
  const levels = sized(data)
  return { rows, present: decodeLevels(levels, rows), encoding, data: data.subarray(4 + levels.length) }
}

function decodeLevels(bytes: Uint8Array, rows: number): Int32Array | undefined {
  const levels = new Int32Array(rows)
  decodeRuns(bytes, 1, levels)
  return levels.includes(0) ? levels : undefined
}

function decodeValues(
  { rows, present, encoding, data }: SplitPage,
  { type }: ColumnMetaData,
  dictionary: DecodedArray | undefined,
): Pick<DecodedPage, 'values' | 'index'> {
  const count = present === undefined ? rows : present.reduce((sum, level) => sum + level, 0)
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const codes = new Int32Array(count)
      decodeRuns(data.subarray(1), data[0] ?? 0, codes)
      const size = dictionary?.length ?? 0
      if (codes.some((code) => code >= size)) throw new Error('a page names a word that its dictionary does not have')
      return { values: dictionary ?? [], index: spread(present, (nth) => codes[nth] ?? -1) ?? codes }
    }
    case 'RLE': {
      const bits = new Int32Array(count)
      decodeRuns(sized(data), 1, bits)
      return { values: Array.from(bits, (bit) => bit === 1), index: spread(present, (nth) => nth) }
    }
    default:
      return { values: decodeNumbers(encoding, type, data, count), index: spread(present, (nth) => nth) }
  }
}

/** For each row the place of its value among the values that there are, or -1 for null. */
function spread(present: Int32Array | undefined, placeOf: (nth: number) => number): Int32Array | undefined {
  let nth = 0
  return present?.map((level) => (level === 1 ? placeOf(nth++) : -1))
}

function decodeNumbers(
  encoding: Encoding,
  type: ColumnMetaData['type'],
  data: Uint8Array,
  count: number,
): DecodedArray {
  const reader = readerOf(data)
  switch (encoding) {
    case 'PLAIN':
      return readPlain(reader, type, count, undefined)
    case 'DELTA_BINARY_PACKED': {
      const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count)
      if (count > 0) deltaBinaryUnpack(reader, count, values)
      return values
    }
    case 'BYTE_STREAM_SPLIT':
      return byteStreamSplit(reader, count, type, undefined)
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const values: Uint8Array[] = []
      if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, values)
      else deltaLengthByteArray(reader, count, values)
      return values
    }
    default:
      throw new Error(`the encoding ${encoding} is unknown`)
  }
}

/** What follows a length of four bytes. */
function sized(bytes: Uint8Array): Uint8Array {
  const length = readerOf(bytes).view.getUint32(0, true)
  if (length > bytes.length - 4) throw new Error('a part of a page is longer than the page')
  return bytes.subarray(4, 4 + length)
}

function decompress(bytes: Uint8Array, size: number, { codec }: ColumnMetaData): Uint8Array {
  return decompressPage(bytes, size, codec, COMPRESSORS)
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
}

function checkCodec({ name }: FileColumn, { codec }: ColumnMetaData): void {
  if (codec === 'SNAPPY' || codec === 'UNCOMPRESSED' || codec in COMPRESSORS) return
  throw new LakeError(
    'UNSUPPORTED',
    `Column '${name}' is compressed with ${codec}; snappy, gzip and none can be read.`,
    { details: { column: name, codec } },
  )
}
