import type { PackedFlags } from '@lake/core'
import type { DataPage } from './data-page.ts'

/** The flags of a column as bits, for as long as its pages hold them so that one can be put behind the other. */
export interface FlagBits extends PackedFlags {
  /** Appends all rows of a page; returns false where they are no bits, some are null, or they begin within a byte. */
  append(page: DataPage): boolean
  /** One byte a row, those that are not known yet 0. */
  spread(): Uint8Array
}

export function createFlagBits(rows: number): FlagBits {
  // Arrow pads bitmaps to 8 bytes.
  const bits = new Uint8Array(Math.ceil(rows / 64) * 8)
  let row = 0
  return {
    bits,
    rows,
    append(page) {
      if (page.encoding !== 'PLAIN' || row % 8 !== 0 || page.present !== undefined) return false
      const bytes = page.values()
      const whole = page.rows >> 3
      const more = page.rows % 8
      if (bytes.length * 8 < page.rows) throw new Error('a page ends before its values do')
      bits.set(bytes.subarray(0, whole), row >> 3)
      if (more > 0) bits[(row >> 3) + whole] = (bytes[whole] ?? 0) & ((1 << more) - 1)
      row += page.rows
      return true
    },
    spread() {
      const flags = new Uint8Array(rows)
      for (let nth = 0; nth < row; nth++) flags[nth] = ((bits[nth >> 3] ?? 0) >> (nth & 7)) & 1
      return flags
    },
  }
}
