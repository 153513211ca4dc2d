import type { DecimalColumn, WordColumn } from '@lake/core'
import { negate } from './decimal-words.ts'
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

/** The same for exact decimals. */
export function takeExactSigns({ units }: DecimalColumn): WordColumn {
  const words = new Int32Array(units.buffer, units.byteOffset, units.length)
  const codes = new Int32Array(units.length / 4)
  for (let row = 0; row < codes.length; row++) {
    if ((words[4 * row + 3] ?? 0) >= 0) continue
    codes[row] = 1
    negate(words, 4 * row)
  }
  return { codes, words: SIDES }
}
