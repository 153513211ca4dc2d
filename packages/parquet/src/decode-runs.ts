/**
 * Decodes Parquet's hybrid of run lengths and packed bits into `values`, which says how many there are.
 *
 * Written here and not borrowed, because a damaged run length must end in an error and not in gigabytes of rows.
 *
 * @param width bits of a value, 0 to 24
 */
export function decodeRuns(bytes: Uint8Array, width: number, values: Int32Array): void {
  if (width > 24) throw new Error(`values of ${width} bits are not supported`)
  let at = 0
  let row = 0

  function nextByte(): number {
    const byte = bytes[at++]
    if (byte === undefined) throw new Error('a page ends before its values do')
    return byte
  }

  function nextVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = nextByte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new Error('a run length has too many digits')
  }

  while (row < values.length) {
    const header = nextVarint()
    const half = Math.floor(header / 2)
    if (header % 2 === 0) {
      let value = 0
      for (let shift = 0; shift < width; shift += 8) value |= nextByte() << shift
      const end = Math.min(row + half, values.length)
      values.fill(value, row, end)
      row = end
    } else {
      const end = Math.min(row + half * 8, values.length)
      const mask = (1 << width) - 1
      let buffer = 0
      let held = 0
      for (; row < end; row++) {
        while (held < width) {
          buffer |= nextByte() << held
          held += 8
        }
        values[row] = buffer & mask
        buffer >>>= width
        held -= width
      }
    }
  }
}
