import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { LakeError } from '@lake/core'
import type { CompressionCodec } from 'hyparquet'
import { snappyUncompressor } from 'hysnappy'

/** How the pages of a column are uncompressed. */
export interface PageCodec {
  /** How many times larger than its input a page can be: one that claims more is damaged or hostile. */
  readonly mostTimes: number
  /** The plain bytes, of which there are exactly `size`. */
  uncompress(input: Uint8Array, size: number): Uint8Array
}

/** Loads what a file needs, once. */
export type LoadPageCodec = (codec: CompressionCodec, column: string) => Promise<PageCodec>

/** The function that it gives throws {@link LakeError} `UNSUPPORTED` for a codec that is not known. */
export function createPageCodecs(): LoadPageCodec {
  const loaded = new Map<CompressionCodec, Promise<PageCodec>>()
  return (codec, column) => {
    const load = CODECS[codec]
    if (load === undefined) {
      throw new LakeError(
        'UNSUPPORTED',
        `Column '${column}' is compressed with ${codec}; ${Object.keys(CODECS).join(', ')} can be read.`,
        { details: { column, codec } },
      )
    }
    const known = loaded.get(codec) ?? Promise.resolve(load())
    loaded.set(codec, known)
    return known
  }
}

const CODECS: Readonly<Partial<Record<CompressionCodec, () => PageCodec | Promise<PageCodec>>>> = {
  UNCOMPRESSED: () => ({ mostTimes: 1, uncompress: (input) => input }),
  SNAPPY: snappyPages,
  GZIP: () => ({ mostTimes: 1040, uncompress: (input, size) => gunzipSync(input, { maxOutputLength: size + 1 }) }),
  BROTLI: () => ({
    mostTimes: LARGEST_TIMES,
    uncompress: (input, size) => brotliDecompressSync(input, { maxOutputLength: size + 1 }),
  }),
  async ZSTD() {
    const { decompressZstd } = await import('hyparquet-compressors')
    return { mostTimes: LARGEST_TIMES, uncompress: (input, size) => decompressZstd(input, new Uint8Array(size)) }
  },
  async LZ4() {
    const { decompressLz4 } = await import('hyparquet-compressors')
    return { mostTimes: 256, uncompress: decompressLz4 }
  },
  async LZ4_RAW() {
    const { decompressLz4Raw } = await import('hyparquet-compressors')
    return { mostTimes: 256, uncompress: decompressLz4Raw }
  },
}

// A few bytes of these can stand for any number.
const LARGEST_TIMES = 1 << 16

/** Three times as fast as the same in JavaScript: WebAssembly copies eight bytes at once. */
function snappyPages(): PageCodec {
  const uncompress = snappyUncompressor()
  return {
    mostTimes: 22,
    uncompress(input, size) {
      // It believes the length that the bytes start with, and gives whatever was in its memory behind them.
      if (claimedLength(input) !== size) throw new Error('a page is not as long as it says')
      return uncompress(input, size)
    },
  }
}

/** The length of the plain bytes, with which snappy starts, in groups of seven bits. */
function claimedLength(input: Uint8Array): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = input[at] ?? 0
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) break
  }
  return length
}
