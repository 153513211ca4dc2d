import { paddedView } from './padded-view.ts'

/**
 * Decodes Parquet's hybrid of run lengths and packed bits into `values`, which says how many there are.
 *
 * Written here and not borrowed, because a damaged run length must end in an error and not in gigabytes of rows, and
 * because a packed value is one load and one shift.
 *
 * @param width bits of a value, 0 to 24
 * @returns the greatest value
 */
export function decodeRuns(bytes: Uint8Array, width: number, values: Int32Array | Uint8Array): number {
  if (width > 24) throw new Error(`values of ${width} bits are not supported`)
  const view = paddedView(bytes)
  const mask = (1 << width) - 1
  const rows = values.length
  let at = 0
  let row = 0
  let greatest = 0
  while (row < rows) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error(TOO_SHORT)
      if (shift > 28) throw new Error('a run length has too many digits')
      header += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    const half = Math.floor(header / 2)
    if (header % 2 === 0) {
      let value = 0
      for (let shift = 0; shift < width; shift += 8) value |= (bytes[at++] ?? 0) << shift
      if (at > bytes.length) throw new Error(TOO_SHORT)
      const end = Math.min(row + half, rows)
      if (value > greatest && end > row) greatest = value
      values.fill(value, row, end)
      row = end
    } else {
      const end = Math.min(row + half * 8, rows)
      if (at + (((end - row) * width + 7) >> 3) > bytes.length) throw new Error(TOO_SHORT)
      for (let bit = 0; row < end; row++, bit += width) {
        const value = (view.getInt32(at + (bit >> 3), true) >>> (bit & 7)) & mask
        if (value > greatest) greatest = value
        values[row] = value
      }
      at += half * width
    }
  }
  return greatest
}

const TOO_SHORT = 'a page ends before its values do'
