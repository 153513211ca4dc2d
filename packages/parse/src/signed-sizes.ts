import type { DecimalColumn, WordColumn } from '@lake/core'
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
  const halves = new BigInt64Array(units.buffer, units.byteOffset, units.length / 2)
  const codes = new Int32Array(units.length / 4)
  for (let row = 0; row < codes.length; row++) {
    const high = halves[2 * row + 1] ?? 0n
    if (high >= 0n) continue
    codes[row] = 1
    const size = -((high << 64n) | BigInt.asUintN(64, halves[2 * row] ?? 0n))
    halves[2 * row] = BigInt.asIntN(64, size)
    halves[2 * row + 1] = size >> 64n
  }
  return { codes, words: SIDES }
}
