import { CODEC } from './file-format.ts'
import { loadZstd, type Zstd } from './load-zstd.ts'
import { compressSnappy, snappyLiteral } from './snappy-compress.ts'

/** Compresses the pages of a file. */
export interface PageCompressor {
  /** How Parquet numbers the format. */
  readonly codec: number
  /** The compressed bytes, valid until the next call. */
  compress(input: Uint8Array): Uint8Array
  /** The same; `undefined` where it would save too little to be worth the reader's time. */
  shrink(input: Uint8Array): Uint8Array | undefined
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
  none: () => ({ codec: CODEC.uncompressed, compress: (input) => input, shrink: () => undefined }),
}

const SAMPLE_BYTES = 8192

/**
 * Large input is tried first: where its start does not become half as large, as with prices of many digits, compression
 * would take longer than all else that is done with the rows, and again for each reader, to save a fraction of them.
 */
function createSnappyPages(): PageCompressor {
  return {
    codec: CODEC.snappy,
    compress: (input) => (isNoise(input) ? snappyLiteral(input) : compressSnappy(input)),
    shrink(input) {
      if (isNoise(input)) return undefined
      const packed = compressSnappy(input)
      return packed.length < input.length - (input.length >> 2) ? packed : undefined
    },
  }
}

function isNoise(input: Uint8Array): boolean {
  if (input.length < 4 * SAMPLE_BYTES) return false
  return compressSnappy(input.subarray(0, SAMPLE_BYTES)).length > SAMPLE_BYTES / 2
}

function createZstdPages(): PageCompressor {
  let zstd: Zstd | undefined
  return {
    codec: CODEC.zstd,
    async load() {
      zstd = await loadZstd()
    },
    compress,
    shrink(input) {
      const packed = compress(input)
      return packed.length < input.length - (input.length >> 4) ? packed : undefined
    },
  }

  function compress(input: Uint8Array): Uint8Array {
    if (zstd === undefined) throw new Error('zstd was not loaded')
    return zstd.compress(input, ZSTD_LEVEL)
  }
}

const ZSTD_LEVEL = 3
