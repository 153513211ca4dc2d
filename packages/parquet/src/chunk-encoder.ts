import { ByteWriter } from './byte-writer.ts'
import { type BoundedPage, type ChunkBounds, chunkBounds } from './chunk-bounds.ts'
import { encodeChecksum } from './encode-checksum.ts'
import { encodeRuns } from './encode-runs.ts'
import { ENCODING, PAGE_TYPE } from './file-format.ts'
import type { PageCompressor } from './page-compressor.ts'
import { ThriftWriter } from './thrift-writer.ts'
import type { ChunkRows } from './chunk-rows.ts'

/** Where a page lies in the file, header included. */
interface EncodedPage extends BoundedPage {
  readonly offset: number
  readonly size: number
  readonly firstRow: number
}

/** What the footer and the page index say of an encoded column chunk. */
export interface EncodedChunk {
  readonly rows: number
  readonly nullCount: number
  readonly codec: number
  readonly encodings: readonly number[]
  readonly dictionaryOffset: number | undefined
  readonly uncompressedSize: number
  readonly compressedSize: number
  readonly pages: readonly EncodedPage[]
  readonly bounds: ChunkBounds
}

/** Encodes column chunks one after the other. */
export interface ChunkEncoder {
  /** Appends a chunk to `out`, whose start is the place `base` of the file. */
  encode(chunk: ChunkRows, nullable: boolean, out: ByteWriter, base: number): EncodedChunk
}

// The same rows for every column, so that a range of rows is the same pages of each: 128 KB of numbers.
const PAGE_ROWS = 16_384

const NO_BYTES = new Uint8Array()

// Memory of this thread for the page that is made. Nothing in it outlives the call that made it, so one is enough.
const scratch = new ByteWriter()
const levels = new ByteWriter()
const present = new Int32Array(PAGE_ROWS)

export function createChunkEncoder(compressor: PageCompressor): ChunkEncoder {
  return {
    encode({ rows, values, nulls }, nullable, out, base) {
      const { dictionary, encoding } = values
      const start = out.length
      let uncompressedSize = 0
      if (dictionary !== undefined) {
        const body = compressor.compress(dictionary.bytes)
        uncompressedSize += writePage(out, PAGE_TYPE.dictionary, NO_BYTES, body, dictionary.bytes.length, (header) => {
          header.struct(7, () => {
            header.int32(1, dictionary.size)
            header.int32(2, ENCODING.plain)
          })
        })
      }
      const pages: EncodedPage[] = []
      let place = 0
      for (let row = 0; row < rows; row += PAGE_ROWS) {
        const end = Math.min(rows, row + PAGE_ROWS)
        const nullCount = countNulls(nulls, row, end)
        const nextPlace = place + end - row - nullCount
        const offset = out.length
        levels.length = 0
        if (nullable) writeLevels(nulls, row, end)
        scratch.length = 0
        const plain = values.pageBytes(place, nextPlace, scratch)
        const packed = compressor.shrink(plain)
        const body = packed ?? plain
        uncompressedSize += writePage(out, PAGE_TYPE.data2, levels.written(), body, plain.length, (header) => {
          header.struct(8, () => {
            header.int32(1, end - row)
            header.int32(2, nullCount)
            header.int32(3, end - row)
            header.int32(4, encoding)
            header.int32(5, levels.length)
            header.int32(6, 0)
            header.flag(7, packed !== undefined)
          })
        })
        const extremes = nextPlace === place ? undefined : values.extremes(place, nextPlace)
        pages.push({
          offset: base + offset,
          size: out.length - offset,
          firstRow: row,
          nullCount,
          valueCount: nextPlace - place,
          extremes,
        })
        place = nextPlace
      }
      return {
        rows,
        nullCount: rows - place,
        codec: compressor.codec,
        encodings: dictionary === undefined ? [encoding, ENCODING.rle] : [ENCODING.plain, encoding, ENCODING.rle],
        dictionaryOffset: dictionary === undefined ? undefined : base + start,
        uncompressedSize,
        compressedSize: out.length - start,
        pages,
        bounds: chunkBounds(pages, values),
      }
    },
  }
}

function writeLevels(nulls: Uint8Array | undefined, from: number, to: number): void {
  const count = to - from
  if (nulls === undefined) present.fill(1, 0, count)
  else markPresent(nulls, from, to, present)
  encodeRuns(present, 0, count, 1, levels)
}

function markPresent(nulls: Uint8Array, from: number, to: number, present: Int32Array): void {
  for (let row = from; row < to; row++) present[row - from] = nulls[row] === 1 ? 0 : 1
}

/** Returns what the page would have taken without compression. */
function writePage(
  out: ByteWriter,
  type: number,
  levels: Uint8Array,
  body: Uint8Array,
  plainSize: number,
  describe: (header: ThriftWriter) => void,
): number {
  const start = out.length
  const header = new ThriftWriter(out)
  header.element(() => {
    header.int32(1, type)
    header.int32(2, levels.length + plainSize)
    header.int32(3, levels.length + body.length)
    // The field is a signed integer.
    header.int32(4, encodeChecksum(body, encodeChecksum(levels)))
    describe(header)
  })
  const headerSize = out.length - start
  out.append(levels)
  out.append(body)
  return headerSize + levels.length + plainSize
}

function countNulls(nulls: Uint8Array | undefined, from: number, to: number): number {
  let count = 0
  if (nulls !== undefined) for (let row = from; row < to; row++) count += nulls[row] ?? 0
  return count
}
