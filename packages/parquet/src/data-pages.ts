import { crc32 } from 'node:zlib'
import type { ColumnMetaData, DataPageHeader, Encoding, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decodeRuns } from './decode-runs.ts'
import type { FileColumn } from './file-columns.ts'
import type { PageCodec } from './page-codec.ts'

/** The dictionary of a column chunk: its values as PLAIN bytes, in memory of their own. */
export interface PageDictionary {
  readonly size: number
  readonly bytes: Uint8Array
}

/** A data page of either version, its parts told apart. */
export interface DataPage {
  /** The first row, counted from the start of the file. */
  readonly start: number
  readonly rows: number
  /** Values that are not null. */
  readonly count: number
  /** One byte a row, 1 where there is a value; `undefined` when there is one everywhere. */
  readonly present: Uint8Array | undefined
  readonly encoding: Encoding
  readonly dictionary: PageDictionary | undefined
  /** The bytes of the values, not compressed. Not to be changed: they may be those of the file. */
  values(): Uint8Array
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

/** Throws, though not always a LakeError, when the bytes are not what the footer promises. */
export function* dataPages(pages: EncodedPages, codec: PageCodec): Generator<DataPage, void, undefined> {
  const { column, bytes, start, end } = pages
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  let dictionary: PageDictionary | undefined
  for (let row = start; row < end;) {
    const header = parquetHeader(reader)
    const { compressed_page_size: size } = header
    if (!(size >= 0 && reader.offset + size <= bytes.length)) throw new Error('a page lies outside its column')
    const body = bytes.subarray(reader.offset, reader.offset + size)
    reader.offset += size
    checkSum(header, body)
    if (header.type === 'DICTIONARY_PAGE') {
      const plain = uncompressed(body, header.uncompressed_page_size, codec)
      // Aligned, so that it can be looked at as numbers.
      const copy = new Uint8Array(plain.length)
      copy.set(plain)
      dictionary = { size: header.dictionary_page_header?.num_values ?? 0, bytes: copy }
    }
    const { data_page_header: v1, data_page_header_v2: v2 } = header
    const rows = (v2 ?? v1)?.num_values
    if (rows === undefined) continue
    // Each page has rows, so that no file can keep a reader busy with pages of none.
    if (!(rows > 0 && rows <= end - row)) throw new Error(`a page claims ${rows} rows where ${end - row} are left`)
    const found = { start: row, rows, dictionary }
    const parts = { column, header, body, codec }
    yield v2 === undefined ? pageOfVersion1(found, parts, v1) : pageOfVersion2(found, parts, v2)
    row += rows
  }
}

type FoundPage = Pick<DataPage, 'start' | 'rows' | 'dictionary'>

interface PageParts {
  readonly column: FileColumn
  readonly header: PageHeader
  readonly body: Uint8Array
  readonly codec: PageCodec
}

/** Levels and values are compressed as one. */
function pageOfVersion1(
  found: FoundPage,
  { column, header, body, codec }: PageParts,
  page: DataPageHeader | undefined,
): DataPage {
  const encoding = page?.encoding ?? 'PLAIN'
  const size = header.uncompressed_page_size
  if (!column.nullable) {
    return { ...found, count: found.rows, present: undefined, encoding, values: () => uncompressed(body, size, codec) }
  }
  const plain = uncompressed(body, size, codec)
  const levels = sized(plain)
  const values = plain.subarray(4 + levels.length)
  return { ...found, ...presence(levels, found.rows), encoding, values: () => values }
}

/** Levels lie before the values, and only those are compressed. */
function pageOfVersion2(
  found: FoundPage,
  { column, header, body, codec }: PageParts,
  page: NonNullable<PageHeader['data_page_header_v2']>,
): DataPage {
  const { definition_levels_byte_length: size, repetition_levels_byte_length: others, encoding } = page
  if (!(size >= 0 && size <= body.length) || others !== 0) throw new Error('a page is shorter than its levels')
  const packed = body.subarray(size)
  return {
    ...found,
    ...(column.nullable ? presence(body.subarray(0, size), found.rows) : { count: found.rows, present: undefined }),
    encoding,
    values: () =>
      page.is_compressed === false ? packed : uncompressed(packed, header.uncompressed_page_size - size, codec),
  }
}

function uncompressed(packed: Uint8Array, size: number, codec: PageCodec): Uint8Array {
  if (!(size >= 0 && size <= packed.length * codec.mostTimes + 64)) {
    throw new Error(`a page of ${packed.length} bytes claims to hold ${size}`)
  }
  const bytes = codec.uncompress(packed, size)
  if (bytes.length === size) return bytes
  throw new Error(`a page holds ${bytes.length} bytes where it claims ${size}`)
}

function checkSum({ crc }: PageHeader, body: Uint8Array): void {
  if (crc !== undefined && (crc32(body) | 0) !== crc) throw new Error('the checksum of a page is another one')
}

function presence(levels: Uint8Array, rows: number): Pick<DataPage, 'count' | 'present'> {
  if (isOneRun(levels, rows)) return { count: rows, present: undefined }
  const present = new Uint8Array(rows)
  decodeRuns(levels, 1, present)
  let count = 0
  for (let row = 0; row < rows; row++) count += present[row] ?? 0
  return { count, present: count === rows ? undefined : present }
}

/** True when the levels are one run of ones, as they are where nothing is null. */
function isOneRun(levels: Uint8Array, rows: number): boolean {
  let header = 0
  for (let at = 0; at < 5; at++) {
    const byte = levels[at] ?? 0
    header += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) return header % 2 === 0 && header / 2 >= rows && levels[at + 1] === 1
  }
  return false
}

/** What follows a length of four bytes. */
export function sized(bytes: Uint8Array): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
  if (length > bytes.length - 4) throw new Error('a part of a page is longer than the page')
  return bytes.subarray(4, 4 + length)
}
