import type { WordColumn } from '@lake/core'
import { SIDES } from './flag-reader.ts'

/** The sides that the signs of sizes say, below zero a sale; the signs are taken from the sizes. */
export function takeSigns(sizes: Float64Array): WordColumn {
  const codes = new Int32Array(sizes.length)
  for (let row = 0; row < sizes.length; row++) {
    const size = sizes[row] ?? 0
    if (size >= 0) continue
    codes[row] = 1
    sizes[row] = -size
  }
  return { codes, words: SIDES }
}
