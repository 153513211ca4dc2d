import type { DataPage } from './data-pages.ts'
import { lookUpWide } from './decode-codes.ts'
import { decodeDeltas } from './decode-deltas.ts'
import { joinStreams } from './join-streams.ts'
import { holdsNaN } from './missing-floats.ts'
import { atLeast, copyStart } from './plain-bytes.ts'

/** Arrays of numbers of eight bytes. */
export type WideNumbers = BigInt64Array | Float64Array

/**
 * Decodes the numbers of a page that are not null into `target`, which has just as many places. Returns whether one of
 * them is NaN, where they are floats: that is looked for before they leave the processor's cache.
 */
export function decodeWide(page: DataPage, target: WideNumbers): boolean {
  // A page without values may lack the bytes that an empty one has when it is compressed.
  if (target.length === 0) return false
  switch (page.encoding) {
    case 'PLAIN':
      return copyWide(page.values(), target)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return lookUpWide(page, target)
    case 'BYTE_STREAM_SPLIT':
      joinStreams(atLeast(page.values(), target.byteLength), bytesOf(target), 8)
      return target instanceof Float64Array && holdsNaN(bytesOf(target))
    case 'DELTA_BINARY_PACKED':
      if (!(target instanceof BigInt64Array)) throw new Error('only integers are encoded as deltas')
      decodeDeltas(page.values(), target)
      return false
    default:
      throw new Error(`numbers are not encoded as ${page.encoding}`)
  }
}

/** The same for a page whose numbers are all wanted, once, where the file has them as they are; `undefined` elsewhere. */
export function moveWide(page: DataPage, target: WideNumbers): boolean | undefined {
  if (page.encoding !== 'PLAIN') return undefined
  let isFound = false
  const look = (piece: Uint8Array): void => {
    isFound ||= holdsNaN(piece)
  }
  const isMoved = page.moveValues(bytesOf(target), target instanceof Float64Array ? look : undefined)
  return isMoved ? isFound : undefined
}

function copyWide(bytes: Uint8Array, target: WideNumbers): boolean {
  const isFound = target instanceof Float64Array && holdsNaN(bytes.subarray(0, target.byteLength))
  copyStart(bytes, bytesOf(target))
  return isFound
}

function bytesOf({ buffer, byteOffset, byteLength }: WideNumbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
