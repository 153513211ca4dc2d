import type { DataPage, PageDictionary } from './data-page.ts'
import { decodeCodes } from './decode-codes.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { decodeWide } from './decode-wide.ts'
import type { PhysicalType } from './file-footer.ts'
import { joinStreams } from './join-streams.ts'
import { atLeast, copyStart } from './plain-bytes.ts'

/** Arrays that hold numbers as Parquet stores them. */
export type StoredNumbers = BigInt64Array | Float64Array | Int32Array | Float32Array

/** An array for numbers of a physical type. */
export function storedNumbers(type: PhysicalType, count: number): StoredNumbers {
  switch (type) {
    case 'INT64':
      return new BigInt64Array(count)
    case 'DOUBLE':
      return new Float64Array(count)
    case 'INT32':
      return new Int32Array(count)
    case 'FLOAT':
      return new Float32Array(count)
    default:
      throw new Error(`a column of ${type} holds no numbers`)
  }
}

/**
 * Decodes the numbers of a page into `target`, which has one place for each that is not null and elements of the
 * stored type.
 */
export function decodeNumbers(page: DataPage, target: StoredNumbers): void {
  if (target instanceof BigInt64Array || target instanceof Float64Array)
    decodeWide(page, { values: target, at: undefined })
  else if (page.encoding === 'DELTA_BINARY_PACKED') decodeIntegers(page, target)
  else {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    decodeFixed(page, bytes, target.BYTES_PER_ELEMENT)
  }
}

/** Decodes the values of a page, each of `width` bytes, into `target`, which has room for those that are not null. */
export function decodeFixed(page: DataPage, target: Uint8Array, width: number): void {
  // A page without values may lack the bytes that an empty one has when it is compressed.
  if (target.length === 0) return
  switch (page.encoding) {
    case 'PLAIN':
      copyStart(page.values(), target)
      return
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (width === 4) lookUpNarrow(page, target)
      else lookUp(decodeCodes(page), page.dictionary, target, width)
      return
    case 'BYTE_STREAM_SPLIT':
      joinStreams(atLeast(page.values(), target.length), target, width)
      return
    default:
      throw new Error(`numbers are not encoded as ${page.encoding}`)
  }
}

/** Numbers of four bytes, which are what codes are translated to. */
function lookUpNarrow(page: DataPage, target: Uint8Array): void {
  const { dictionary } = page
  const numbers = dictionary && narrowNumbers(dictionary)
  const { buffer, byteOffset, byteLength } = decodeCodes(page, numbers)
  target.set(new Uint8Array(buffer, byteOffset, byteLength))
}

function narrowNumbers({ bytes, size }: PageDictionary): Int32Array {
  const { buffer, byteOffset } = atLeast(bytes, 4 * size)
  return new Int32Array(buffer, byteOffset, size)
}

/** Values are moved byte by byte, so that every bit of them stays. */
function lookUp(codes: Int32Array, dictionary: PageDictionary | undefined, target: Uint8Array, width: number): void {
  const { bytes = new Uint8Array(), size = 0 } = dictionary ?? {}
  atLeast(bytes, size * width)
  for (let nth = 0; nth < codes.length; nth++) {
    const from = (codes[nth] ?? 0) * width
    for (let byte = 0; byte < width; byte++) target[nth * width + byte] = bytes[from + byte] ?? 0
  }
}

function decodeIntegers(page: DataPage, target: Int32Array | Float32Array): void {
  if (target.length === 0) return
  if (!(target instanceof Int32Array)) throw new Error('only integers are encoded as deltas')
  decodeDeltas(page.values(), target)
}
