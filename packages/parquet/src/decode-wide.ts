import type { DataPage } from './data-page.ts'
import { lookUpWide } from './decode-codes.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { joinStreams } from './join-streams.ts'
import { holdsNaN } from './missing-floats.ts'
import { atLeast } from './plain-bytes.ts'

/** Arrays of numbers of eight bytes. */
type WideNumbers = BigInt64Array | Float64Array

/** Where numbers are decoded to. */
export interface WidePlace {
  readonly values: WideNumbers
  /** Where the kernels find it, if it lies in their memory: then they write it themselves. */
  readonly at: number | undefined
}

/**
 * Decodes the numbers of a page that are not null into `place`, which has room for just as many. Returns whether one of them
 * is NaN, where they are floats: that is looked for before they leave the processor's cache.
 */
export function decodeWide(page: DataPage, { values, at }: WidePlace): boolean {
  // A page without values may lack the bytes that an empty one has when it is compressed.
  if (values.length === 0) return false
  const isFloat = values instanceof Float64Array
  switch (page.encoding) {
    case 'PLAIN': {
      const bytes = atLeast(page.values(), values.byteLength).subarray(0, values.byteLength)
      const isFound = isFloat && holdsNaN(bytes)
      bytesOf(values).set(bytes)
      return isFound
    }
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return lookUpWide(page, values, at)
    case 'BYTE_STREAM_SPLIT':
      joinStreams(atLeast(page.values(), values.byteLength), bytesOf(values), 8)
      return isFloat && holdsNaN(bytesOf(values), at)
    case 'DELTA_BINARY_PACKED':
      if (isFloat) throw new Error('only integers are encoded as deltas')
      decodeDeltas(page.values(), values, at)
      return false
    default:
      throw new Error(`numbers are not encoded as ${page.encoding}`)
  }
}

/**
 * The same for a page whose numbers are all wanted, once, where it holds them as they are and none is null; `undefined`
 * elsewhere.
 */
export function moveWide(page: DataPage, { values, at }: WidePlace): boolean | undefined {
  if (page.encoding !== 'PLAIN') return undefined
  let isFound = false
  const look = (bytes: Uint8Array, place?: number): void => {
    isFound ||= holdsNaN(bytes, place)
  }
  const isMoved = page.moveValues({ bytes: bytesOf(values), at }, values instanceof Float64Array ? look : undefined)
  return isMoved ? isFound : undefined
}

function bytesOf({ buffer, byteOffset, byteLength }: WideNumbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
