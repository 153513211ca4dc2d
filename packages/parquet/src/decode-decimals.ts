import type { DataPage } from './data-page.ts'
import { decodeFixed } from './decode-numbers.ts'
import { denseIntegers } from './dense-integers.ts'
import type { FileColumn } from './file-columns.ts'

/** The decimals of a page that are not null: 128 bits in four words, the lowest first. */
export function decodeDecimals(page: DataPage, column: FileColumn): Uint32Array {
  const units = new Uint32Array(4 * page.count)
  if (column.type !== 'FIXED_LEN_BYTE_ARRAY') {
    const halves = new Int32Array(denseIntegers(page, column).buffer)
    for (let nth = 0; nth < page.count; nth++) {
      const high = halves[2 * nth + 1] ?? 0
      units[4 * nth] = halves[2 * nth] ?? 0
      units[4 * nth + 1] = high
      units[4 * nth + 2] = high >> 31
      units[4 * nth + 3] = high >> 31
    }
    return units
  }
  const width = column.width
  const bytes = new Uint8Array(page.count * width)
  decodeFixed(page, bytes, width)
  // The highest byte comes first; what is missing above it is its sign.
  const words = new Uint8Array(units.buffer)
  for (let nth = 0; nth < page.count; nth++) {
    const from = nth * width
    for (let byte = 0; byte < width; byte++) words[16 * nth + width - 1 - byte] = bytes[from + byte] ?? 0
    if ((bytes[from] ?? 0) >= 128) words.fill(255, 16 * nth + width, 16 * nth + 16)
  }
  return units
}
