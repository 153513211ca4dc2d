import type { ColumnChunk, FileFooter, RowGroup } from './file-footer.ts'
import { readSchemaElement } from './read-schema-element.ts'
import type { Part } from './random-access.ts'
import { ThriftReader } from './thrift-reader.ts'

/**
 * Reads a footer, without what follows it at the end of the file. A tenth of what a general reader takes: of a hundred chunks,
 * each with a dozen fields and statistics, little is made an object of.
 *
 * Throws a plain error for bytes that are no footer.
 */
export function readFooter(bytes: Uint8Array): FileFooter {
  const reader = new ThriftReader(bytes, 'the footer')
  let schema: FileFooter['schema'] | undefined
  let rows: number | undefined
  let rowGroups: FileFooter['rowGroups'] | undefined
  let metadata: FileFooter['metadata'] = {}
  let createdBy: string | undefined
  reader.fields((id) => {
    if (id === 2) schema = listOf(reader, readSchemaElement)
    else if (id === 3) rows = reader.long()
    else if (id === 4) rowGroups = listOf(reader, readRowGroup)
    else if (id === 5) metadata = Object.fromEntries(listOf(reader, readEntry))
    else if (id === 6) createdBy = reader.text()
    else reader.skip()
  })
  if (schema === undefined || rows === undefined || rowGroups === undefined) {
    throw new Error('the footer lacks columns, rows or row groups')
  }
  return { rows, schema, rowGroups, metadata, createdBy }
}

function listOf<T>(reader: ThriftReader, read: (reader: ThriftReader) => T): T[] {
  const found: T[] = []
  reader.list(() => {
    found.push(read(reader))
  })
  return found
}

function readEntry(reader: ThriftReader): [key: string, value: string] {
  const entry: [string, string] = ['', '']
  reader.struct((id) => {
    if (id === 1) entry[0] = reader.text()
    else if (id === 2) entry[1] = reader.text()
    else reader.skip()
  })
  return entry
}

function readRowGroup(reader: ThriftReader): RowGroup {
  const chunks = new Map<string, ColumnChunk>()
  let rows = -1
  reader.struct((id) => {
    if (id === 1)
      reader.list(() => {
        addChunk(chunks, reader)
      })
    else if (id === 3) rows = reader.long()
    else reader.skip()
  })
  return { rows, chunks }
}

/** Reads what the footer says of a column's bytes, if it does. Of two columns of one name there is but the first. */
function addChunk(chunks: Map<string, ColumnChunk>, reader: ThriftReader): void {
  let bytes: ChunkBytes | undefined
  let offsetStart = 0
  let offsetBytes = 0
  let columnStart = 0
  let columnBytes = 0
  reader.struct((id) => {
    if (id === 3) bytes = readChunkBytes(reader)
    else if (id === 4) offsetStart = reader.long()
    else if (id === 5) offsetBytes = reader.integer()
    else if (id === 6) columnStart = reader.long()
    else if (id === 7) columnBytes = reader.integer()
    else reader.skip()
  })
  if (bytes?.name === undefined || chunks.has(bytes.name)) return
  // Named one by one: copying an object as a whole takes longer than reading what it is made of.
  const { name, codec, pages, uncompressedBytes, statistics } = bytes
  const offsetIndex = indexFrom(offsetStart, offsetBytes)
  const columnIndex = indexFrom(columnStart, columnBytes)
  chunks.set(name, { codec, pages, uncompressedBytes, statistics, offsetIndex, columnIndex })
}

interface ChunkBytes extends Omit<ColumnChunk, 'offsetIndex' | 'columnIndex'> {
  /** Absent where it is a part of another column. */
  readonly name: string | undefined
}

function readChunkBytes(reader: ThriftReader): ChunkBytes {
  let name: string | undefined
  let codec = -1
  let uncompressedBytes = -1
  let compressedBytes = -1
  let data = -1
  let dictionary = 0
  let statistics: Uint8Array | undefined
  reader.struct((id) => {
    if (id === 3) name = readName(reader)
    else if (id === 4) codec = reader.integer()
    else if (id === 6) uncompressedBytes = reader.long()
    else if (id === 7) compressedBytes = reader.long()
    else if (id === 9) data = reader.long()
    else if (id === 11) dictionary = reader.long()
    else if (id === 12) statistics = reader.skipped()
    else reader.skip()
  })
  const pages = pagesFrom(data, dictionary, compressedBytes)
  return { name, codec: CODECS[codec] ?? `codec ${codec}`, pages, uncompressedBytes, statistics }
}

/** The name of a column from its path; `undefined` for one within another. */
function readName(reader: ThriftReader): string | undefined {
  const path = listOf(reader, textOf)
  return path.length === 1 ? path[0] : undefined
}

/** Some writers say 0 for no dictionary, some leave a dictionary's offset out and put it before the data. */
function pagesFrom(data: number, dictionary: number, bytes: number): Part {
  const start = dictionary !== 0 && dictionary < data ? dictionary : data
  return { start, end: start + bytes }
}

/** What the footer does not place has no bytes. */
function indexFrom(start: number, bytes: number): Part {
  return { start, end: start === 0 ? 0 : start + bytes }
}

function textOf(reader: ThriftReader): string {
  return reader.text()
}

const CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']
