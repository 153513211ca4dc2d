import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { LakeError } from '@lake/core'
import type { CompressionCodec } from 'hyparquet'
import { createPageMemory, type PageMemory } from './page-memory.ts'
import { uncompressSnappy } from './snappy-uncompress.ts'
import { createZstdUncompressor } from './zstd-uncompress.ts'
import type { PageCodec } from './page-uncompressor.ts'

/** Loads what the pages of a file need, once: they share its memory, so that one is decoded after the other. */
export type LoadPageCodec = (codec: CompressionCodec, column: string) => Promise<PageMemory>

/** The function that it gives throws {@link LakeError} `UNSUPPORTED` for a codec that is not known. */
export function createPageCodecs(): LoadPageCodec {
  const loaded = new Map<CompressionCodec, Promise<PageMemory>>()
  return (codec, column) => {
    const load = CODECS[codec]
    if (load === undefined) {
      throw new LakeError(
        'UNSUPPORTED',
        `Column '${column}' is compressed with ${codec}; ${Object.keys(CODECS).join(', ')} can be read.`,
        { details: { column, codec } },
      )
    }
    const known = loaded.get(codec) ?? Promise.resolve(load()).then(createPageMemory)
    loaded.set(codec, known)
    return known
  }
}

const CODECS: Readonly<Partial<Record<CompressionCodec, () => PageCodec | Promise<PageCodec>>>> = {
  UNCOMPRESSED: () => ({ ...copying(1, (input) => input), isPlain: true }),
  SNAPPY: () => ({ mostTimes: 22, uncompress: uncompressSnappy }),
  GZIP: () => copying(1040, (input, size) => gunzipSync(input, { maxOutputLength: size + 1 })),
  BROTLI: () => copying(LARGEST_TIMES, (input, size) => brotliDecompressSync(input, { maxOutputLength: size + 1 })),
  ZSTD: async () => copying(LARGEST_TIMES, await createZstdUncompressor()),
  async LZ4() {
    const { decompressLz4 } = await import('hyparquet-compressors')
    return copying(256, decompressLz4)
  },
  async LZ4_RAW() {
    const { decompressLz4Raw } = await import('hyparquet-compressors')
    return copying(256, decompressLz4Raw)
  },
}

// A few bytes of these can stand for any number.
const LARGEST_TIMES = 1 << 16

/** A codec whose library gives bytes of its own. */
function copying(mostTimes: number, uncompress: (input: Uint8Array, size: number) => Uint8Array): PageCodec {
  return {
    mostTimes,
    uncompress(input, output) {
      const bytes = uncompress(input, output.length)
      if (bytes.length !== output.length) {
        throw new Error(`a page holds ${bytes.length} bytes where it claims ${output.length}`)
      }
      output.set(bytes)
    },
  }
}
