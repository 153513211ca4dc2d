import type { ColumnReader } from './column-reader.ts'
import { Int64Values } from './int64-values.ts'
import { MINUS, type Strip } from './strip.ts'

/** The hexadecimal digits of a UUID by their place in its text; what is between them are dashes. */
const DASHES: ReadonlySet<number> = new Set([8, 13, 18, 23])
const LENGTH = 36

/**
 * UUIDs as int64: their first 12 and last 4 hexadecimal digits, less the sign. These 63 bits are random (or a hash) in
 * every version that venues use; the version and variant digits in the middle say nothing. Two of n ids are the same
 * by chance with a probability of about n^2 / 2^64: one in 18 million for a million trades.
 */
export class UuidReader implements ColumnReader {
  readonly #values = new Int64Values()

  read(strip: Strip, end: number): number {
    const { bytes, positions, count, row } = strip
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      let high = 0
      let low = 0
      for (let at = 0; at < LENGTH; at++) {
        const byte = bytes[start + at] ?? 0
        if (DASHES.has(at)) {
          if (byte !== MINUS) return index
          continue
        }
        const digit = hexDigit(byte)
        if (digit < 0) return index
        if (at < 8) high = (high << 4) | digit
        else if (at < 13 || at >= LENGTH - 4) low = (low << 4) | digit
      }
      if (bytes[start + LENGTH] !== end) return index
      this.#values.setHalves(row + index, high & 0x7fff_ffff, low)
      positions[index] = start + LENGTH + 1
    }
    return count
  }

  refusal(): string {
    return 'is not a UUID'
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
  }

  take(rows: number): BigInt64Array {
    return this.#values.take(rows)
  }
}

/** 0 to 15, or -1. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
