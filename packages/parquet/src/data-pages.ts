import { crc32 } from 'node:zlib'
import type { ColumnMetaData, DataPageHeader, Encoding, PageHeader } from 'hyparquet'
import type { FileColumn } from './file-columns.ts'
import { allPresent, presence, type Presence, sized } from './page-levels.ts'
import type { PageMemory } from './page-memory.ts'
import type { PageReader } from './page-reader.ts'
import { compressedValues, copyStart, fillBehindLevels, type PageValues, uncompressedValues } from './page-values.ts'

/** The dictionary of a column chunk: its values as PLAIN bytes, in memory of their own. */
export interface PageDictionary {
  readonly size: number
  readonly bytes: Uint8Array
}

/** A data page of either version, its parts told apart. */
export interface DataPage extends Presence, PageValues {
  /** The first row, counted from the start of the file. */
  readonly start: number
  readonly rows: number
  readonly encoding: Encoding
  readonly dictionary: PageDictionary | undefined
}

/** Where pages come from: a column, from its dictionary or a data page on. */
export interface EncodedPages {
  readonly column: FileColumn
  readonly chunk: ColumnMetaData
  readonly reader: PageReader
  /** The rows that the data pages cover. */
  readonly start: number
  readonly end: number
}

/** Throws, though not always a LakeError, when the bytes are not what the footer promises. */
export function* dataPages(pages: EncodedPages, memory: PageMemory): Generator<DataPage, void, undefined> {
  const { column, reader, start, end } = pages
  let dictionary: PageDictionary | undefined
  for (let row = start; row < end;) {
    const header = reader.header()
    const body = reader.body(header.compressed_page_size)
    checkSum(header, body)
    if (header.type === 'DICTIONARY_PAGE') {
      const bytes = memory.uncompressApart(body, header.uncompressed_page_size)
      dictionary = { size: header.dictionary_page_header?.num_values ?? 0, bytes }
    }
    const { data_page_header: v1, data_page_header_v2: v2 } = header
    const rows = (v2 ?? v1)?.num_values
    if (rows === undefined) continue
    // Each page has rows, so that no file can keep a reader busy with pages of none.
    if (!(rows > 0 && rows <= end - row)) throw new Error(`a page claims ${rows} rows where ${end - row} are left`)
    const found = { start: row, rows, dictionary }
    const parts = { column, header, body, memory }
    yield v2 === undefined ? pageOfVersion1(found, parts, v1) : pageOfVersion2(found, parts, v2)
    row += rows
  }
}

type FoundPage = Pick<DataPage, 'start' | 'rows' | 'dictionary'>

interface PageParts {
  readonly column: FileColumn
  readonly header: PageHeader
  readonly body: Uint8Array
  readonly memory: PageMemory
}

/** Levels and values are compressed as one. */
function pageOfVersion1(
  found: FoundPage,
  { column, header, body, memory }: PageParts,
  page: DataPageHeader | undefined,
): DataPage {
  const encoding = page?.encoding ?? 'PLAIN'
  const size = header.uncompressed_page_size
  if (!column.nullable) {
    return { ...found, ...allPresent(found.rows), encoding, ...compressedValues(body, size, memory) }
  }
  let known: (Presence & { readonly bytes: Uint8Array }) | undefined
  const parts = (): Presence & { readonly bytes: Uint8Array } => {
    if (known !== undefined) return known
    const plain = memory.uncompress(body, size)
    const levels = sized(plain)
    return (known = { ...presence(levels, found.rows), bytes: plain.subarray(4 + levels.length) })
  }
  return {
    ...found,
    encoding,
    get count() {
      return parts().count
    },
    get present() {
      return parts().present
    },
    values: () => parts().bytes,
    copyValues(target) {
      copyStart(parts().bytes, target)
    },
    fillWhole: (target) => fillBehindLevels(body, size, target, found.rows, memory),
  }
}

/** Levels lie before the values, and only those are compressed. */
function pageOfVersion2(
  found: FoundPage,
  { column, header, body, memory }: PageParts,
  page: NonNullable<PageHeader['data_page_header_v2']>,
): DataPage {
  const { definition_levels_byte_length: size, repetition_levels_byte_length: others, encoding } = page
  if (!(size >= 0 && size <= body.length) || others !== 0) throw new Error('a page is shorter than its levels')
  const values = body.subarray(size)
  const present = column.nullable ? presence(body.subarray(0, size), found.rows) : allPresent(found.rows)
  const plain =
    page.is_compressed === false
      ? uncompressedValues(values)
      : compressedValues(values, header.uncompressed_page_size - size, memory)
  const isWhole = present.present === undefined
  return { ...found, ...present, encoding, ...plain, fillWhole: (target) => isWhole && plain.fillWhole(target) }
}

function checkSum({ crc }: PageHeader, body: Uint8Array): void {
  if (crc !== undefined && (crc32(body) | 0) !== crc) throw new Error('the checksum of a page is another one')
}
