import type { ParquetType } from 'hyparquet'
import type { DataPage, PageDictionary } from './data-pages.ts'
import { decodeDeltas } from './decode-deltas.ts'
import type { DecodeCodes } from './decode-codes.ts'

/** Arrays that hold numbers as Parquet stores them. */
export type StoredNumbers = BigInt64Array | Float64Array | Int32Array | Float32Array

/** An array for numbers of a physical type. */
export function storedNumbers(type: ParquetType, count: number): StoredNumbers {
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
export function decodeNumbers(page: DataPage, target: StoredNumbers, decodeCodes: DecodeCodes): void {
  if (page.encoding === 'DELTA_BINARY_PACKED') decodeIntegers(page, target)
  else if (target instanceof Float64Array && page.encoding.endsWith('DICTIONARY')) {
    lookUpFloats(decodeCodes(page), page.dictionary, target)
  } else {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    decodeFixed(page, bytes, target.BYTES_PER_ELEMENT, decodeCodes)
  }
}

/** Decodes the values of a page, each of `width` bytes, into `target`, which has room for those that are not null. */
export function decodeFixed(page: DataPage, target: Uint8Array, width: number, decodeCodes: DecodeCodes): void {
  // A page without values may lack the bytes that an empty one has when it is compressed.
  if (target.length === 0) return
  switch (page.encoding) {
    case 'PLAIN':
      page.copyValues(target)
      return
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      lookUp(decodeCodes(page), page.dictionary, target, width)
      return
    case 'BYTE_STREAM_SPLIT':
      joinStreams(atLeast(page.values(), target.length), target, width)
      return
    default:
      throw new Error(`numbers are not encoded as ${page.encoding}`)
  }
}

/** Of floats nothing but the payload of a NaN may get lost, and NaN is null. */
function lookUpFloats(codes: Int32Array, dictionary: PageDictionary | undefined, target: Float64Array): void {
  const { bytes = new Uint8Array(), size = 0 } = dictionary ?? {}
  atLeast(bytes, 8 * size)
  const words = new Float64Array(bytes.buffer, bytes.byteOffset, size)
  for (let nth = 0; nth < target.length; nth++) target[nth] = words[codes[nth] ?? 0] ?? 0
}

/** Numbers are moved as the words that they are stored in, so that every bit of them stays. */
function lookUp(codes: Int32Array, dictionary: PageDictionary | undefined, target: Uint8Array, width: number): void {
  const { bytes = new Uint8Array(), size = 0 } = dictionary ?? {}
  atLeast(bytes, size * width)
  if (width === 8) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, 2 * size)
    const out = new Int32Array(target.buffer, target.byteOffset, 2 * codes.length)
    for (let nth = 0; nth < codes.length; nth++) {
      const code = codes[nth] ?? 0
      out[2 * nth] = words[2 * code] ?? 0
      out[2 * nth + 1] = words[2 * code + 1] ?? 0
    }
    return
  }
  for (let nth = 0; nth < codes.length; nth++) {
    const from = (codes[nth] ?? 0) * width
    for (let byte = 0; byte < width; byte++) target[nth * width + byte] = bytes[from + byte] ?? 0
  }
}

function decodeIntegers(page: DataPage, target: StoredNumbers): void {
  if (target.length === 0) return
  if (target instanceof BigInt64Array) {
    decodeDeltas(page.values(), new Int32Array(target.buffer, target.byteOffset, 2 * target.length))
  } else if (target instanceof Int32Array) {
    const halves = new Int32Array(2 * target.length)
    decodeDeltas(page.values(), halves)
    for (let nth = 0; nth < target.length; nth++) target[nth] = halves[2 * nth] ?? 0
  } else {
    throw new Error('only integers are encoded as deltas')
  }
}

/** First the first bytes of all numbers, then the second ones. */
function joinStreams(streams: Uint8Array, target: Uint8Array, width: number): void {
  const count = target.length / width
  for (let byte = 0; byte < width; byte++) {
    const from = byte * count
    for (let nth = 0; nth < count; nth++) target[nth * width + byte] = streams[from + nth] ?? 0
  }
}

function atLeast(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes
  throw new Error('a page ends before its values do')
}
