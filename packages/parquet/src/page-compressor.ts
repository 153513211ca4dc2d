import { CODEC } from './file-format.ts'
import { createSnappyCompressor, snappyBound } from './snappy-compress.ts'

/** Compresses the pages of a file. */
export interface PageCompressor {
  /** How Parquet numbers the format. */
  readonly codec: number
  /** The compressed bytes, valid until the next call. The input starts at a multiple of four in its memory. */
  compress(input: Uint8Array): Uint8Array
  /** Loads what is needed before the first page. */
  load?(): Promise<void>
}

/** How pages can be compressed when they are written. */
export type Compression = 'snappy' | 'zstd' | 'none'

export function createPageCompressor(compression: Compression): PageCompressor {
  return COMPRESSORS[compression]()
}

const COMPRESSORS: Readonly<Record<Compression, () => PageCompressor>> = {
  snappy: createSnappyPages,
  zstd: createZstdPages,
  none: () => ({ codec: CODEC.uncompressed, compress: (input) => input }),
}

/** Snappy, with memory that is kept from page to page. */
function createSnappyPages(): PageCompressor {
  const snappy = createSnappyCompressor()
  let output = new Uint8Array(0)
  return {
    codec: CODEC.snappy,
    compress(input) {
      const most = snappyBound(input.length)
      if (output.length < most) output = new Uint8Array(most)
      return output.subarray(0, snappy.compress(input, output))
    },
  }
}

/** Zstandard as WebAssembly in one fixed version: the one in Node is another one in every release, if there is one. */
function createZstdPages(): PageCompressor {
  let compressWith: ((input: Uint8Array, level: number) => Uint8Array) | undefined
  return {
    codec: CODEC.zstd,
    async load() {
      if (compressWith !== undefined) return
      const zstd = await import('@bokuweb/zstd-wasm')
      await zstd.init()
      compressWith = zstd.compress
    },
    compress(input) {
      if (compressWith === undefined) throw new Error('zstd was not loaded')
      return compressWith(input, ZSTD_LEVEL)
    },
  }
}

const ZSTD_LEVEL = 3
