import { CODEC } from './file-format.ts'
import { createSnappyCompressor, snappyBound } from './snappy-compress.ts'

/** Compresses the pages of a file. */
export interface PageCompressor {
  /** How Parquet numbers the format. */
  readonly codec: number
  /** The compressed bytes, valid until the next call. The input starts at a multiple of four in its memory. */
  compress(input: Uint8Array): Uint8Array
}

/** Snappy, with memory that is kept from page to page. */
export function createSnappyPages(): PageCompressor {
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
