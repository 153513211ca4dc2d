import type { DataPage, PageDictionary, PageHead, PageValues } from './data-page.ts'
import { decodeMemory } from './decode-memory.ts'
import type { FileColumn } from './file-columns.ts'
import { type Checksums, type PageBodyReader, readPageBody } from './page-body.ts'
import type { DataPageHeader, Encoding, PageHeader } from './page-header.ts'
import { packedValues, withLevels, withoutLevels } from './packed-values.ts'
import { allPresent, presence, type Presence, sizeOf } from './page-levels.ts'
import type { PageBody, PageReader } from './page-reader.ts'
import { type PageCodec, uncompressPage } from './uncompress-page.ts'

/** Where pages come from: a column, from its dictionary or a data page on. */
export interface EncodedPages {
  readonly column: FileColumn
  readonly checksums: Checksums
  readonly reader: PageReader
  /** The rows that the data pages cover. */
  readonly start: number
  readonly end: number
}

/** Throws, though not always a LakeError, when the bytes are not what the footer promises. */
export function* dataPages(pages: EncodedPages, codec: PageCodec): Generator<DataPage, void, undefined> {
  const { column, checksums, reader, start, end } = pages
  let dictionary: PageDictionary | undefined
  for (let row = start; row < end;) {
    const header = reader.header()
    const body = readPageBody(reader, header, checksums)
    decodeMemory().startPage(isWide(column) ? dictionary?.bytes : undefined)
    const { page } = header
    if (page === undefined || page.version === 'dictionary') {
      const packed = body.rest()
      if (page === undefined) continue
      // Not a slice, which of a Buffer would be a view, and not where numbers may begin.
      const bytes = new Uint8Array(uncompressPage(codec, packed.bytes, header.uncompressedSize)())
      dictionary = { size: page.size, bytes }
      continue
    }
    const { rows } = page
    // Each page has rows, so that no file can keep a reader busy with pages of none.
    if (!(rows > 0 && rows <= end - row)) throw new Error(`a page claims ${rows} rows where ${end - row} are left`)
    const found = { start: row, rows, dictionary }
    const parts = { column, header, page, body, codec }
    yield page.version === 1 ? pageOfVersion1(found, parts) : pageOfVersion2(found, parts)
    row += rows
  }
}

/** True when kernels look the values up, so that the dictionary has to lie in their memory. */
function isWide({ type }: FileColumn): boolean {
  return type === 'INT64' || type === 'DOUBLE'
}

type FoundPage = Pick<PageHead, 'start' | 'rows' | 'dictionary'>

interface PageParts {
  readonly column: FileColumn
  readonly header: PageHeader
  readonly page: DataPageHeader
  readonly body: PageBodyReader
  readonly codec: PageCodec
}

/** Levels and values are compressed as one. */
function pageOfVersion1(found: FoundPage, { column, header, page, body, codec }: PageParts): DataPage {
  const { encoding } = page
  const size = header.uncompressedSize
  if (codec.isPlain === true && header.compressedSize === size) {
    const present = column.nullable ? presence(body.take(sizeOf(body.take(4))), found.rows) : allPresent(found.rows)
    return dataPage(found, encoding, present, plainValues(body.rest()))
  }
  const packed = { bytes: body.rest().bytes, size, codec }
  const head = { ...found, encoding }
  return column.nullable ? withLevels(head, packed) : withoutLevels(head, packed)
}

/** Levels lie before the values, and only those are compressed. */
function pageOfVersion2(found: FoundPage, { column, header, page, body, codec }: PageParts): DataPage {
  const { definitionBytes, repetitionBytes: others, encoding } = page
  if (others !== 0) throw new Error('a page of a column that is not nested has levels of repetition')
  const levels = body.take(definitionBytes)
  const present = column.nullable ? presence(levels, found.rows) : allPresent(found.rows)
  const rest = body.rest()
  const size = header.uncompressedSize - definitionBytes
  const values = page.isCompressed ? packedValues({ bytes: rest.bytes, size, codec }, present) : plainValues(rest)
  return dataPage(found, encoding, present, values)
}

/** Named one by one: copying objects as a whole takes as long as reading a header. */
function dataPage(found: FoundPage, encoding: Encoding, { count, present }: Presence, values: PageValues): DataPage {
  const { start, rows, dictionary } = found
  return { start, rows, encoding, dictionary, count, present, values: values.values, moveValues: values.moveValues }
}

function plainValues(body: PageBody): PageValues {
  return {
    values: body.bytes,
    moveValues(target, see) {
      if (body.size !== target.bytes.length) return false
      body.moveTo(target, see)
      return true
    },
  }
}
