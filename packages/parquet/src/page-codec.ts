import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { LakeError } from '@lake/core'
import type { Bytes } from './bytes.ts'
import { uncompressSnappy, uncompressSnappyInto } from './snappy-uncompress.ts'
import { uncompressZstd, uncompressZstdInto } from './zstd-uncompress.ts'
import type { PageCodec } from './uncompress-page.ts'

/** Loads what uncompresses the pages of a file, once. */
export type LoadPageCodec = (codec: string, column: string) => Promise<PageCodec>

/** The function that it gives throws {@link LakeError} `UNSUPPORTED` for a codec that is not known. */
export function createPageCodecs(): LoadPageCodec {
  const loaded = new Map<string, Promise<PageCodec>>()
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

const CODECS: Readonly<Partial<Record<string, () => PageCodec | Promise<PageCodec>>>> = {
  UNCOMPRESSED: () => ({ mostTimes: 1, isPlain: true, uncompress: plainPage }),
  SNAPPY: () => ({ mostTimes: 22, uncompress: uncompressSnappy, uncompressInto: uncompressSnappyInto }),
  GZIP: () => ofLibrary(1040, (input, size) => gunzipSync(input, { maxOutputLength: size + 1 })),
  BROTLI: () => ofLibrary(LARGEST_TIMES, (input, size) => brotliDecompressSync(input, { maxOutputLength: size + 1 })),
  ZSTD: () => ({ mostTimes: LARGEST_TIMES, uncompress: uncompressZstd, uncompressInto: uncompressZstdInto }),
  async LZ4() {
    const { decompressLz4 } = await import('hyparquet-compressors')
    return ofLibrary(256, decompressLz4)
  },
  async LZ4_RAW() {
    const { decompressLz4Raw } = await import('hyparquet-compressors')
    return ofLibrary(256, decompressLz4Raw)
  },
}

// A few bytes of these can stand for any number.
const LARGEST_TIMES = 1 << 16

/** A codec whose library gives bytes of its own. */
function ofLibrary(mostTimes: number, uncompress: (input: Uint8Array, size: number) => Uint8Array): PageCodec {
  return {
    mostTimes,
    uncompress(packed, size) {
      const bytes = checkLength(uncompress(packed(), size), size)
      return () => bytes
    },
  }
}

function plainPage(packed: Bytes, size: number): Bytes {
  checkLength(packed(), size)
  return packed
}

function checkLength(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes
  throw new Error(`a page holds ${bytes.length} bytes where it claims ${size}`)
}
