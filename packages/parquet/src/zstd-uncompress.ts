import { loadZstd } from './load-zstd.ts'

type Uncompress = (input: Uint8Array, size: number) => Uint8Array

/**
 * Zstandard as WebAssembly where a frame says how long its plain bytes are, which nearly all do, and in JavaScript, four
 * times as slow, where it does not.
 */
export async function createZstdUncompressor(): Promise<Uncompress> {
  const [zstd, { decompressZstd }] = await Promise.all([loadZstd(), import('hyparquet-compressors')])
  return (input, size) =>
    // It takes as much memory as the frame claims, so the claim must be the right one.
    frameLength(input) === size ? zstd.decompress(input) : decompressZstd(input, new Uint8Array(size))
}

const MAGIC = 0xfd2fb528

/** How long the plain bytes of a frame are, as its header says; `undefined` when it does not. */
function frameLength(input: Uint8Array): number | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  if (view.byteLength < 18 || view.getUint32(0, true) !== MAGIC) return undefined
  const descriptor = view.getUint8(4)
  const isSingleSegment = (descriptor & 32) !== 0
  // A window's size, and the number of a dictionary, come first.
  const at = 5 + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0)
  switch (descriptor >>> 6) {
    case 0:
      return isSingleSegment ? view.getUint8(at) : undefined
    case 1:
      return view.getUint16(at, true) + 256
    case 2:
      return view.getUint32(at, true)
    default:
      return Number(view.getBigUint64(at, true))
  }
}

const DICTIONARY_BYTES = [0, 1, 2, 4]
