/**
 * Uncompresses snappy into `output`, whose length is that of the plain bytes.
 *
 * In JavaScript and not WebAssembly: that uncompresses short pieces a quarter faster, but has memory of its own, into
 * which the input and out of which the output must be copied, and is slower in all; here the bytes go where they are
 * wanted, and a page without repeats is a copy. Short pieces are copied by words of four bytes, more of them than needed where there is room:
 * what is too much is overwritten by what follows.
 *
 * Throws when the input is damaged, or is not as long as `output`; that holds anything then.
 */
export function uncompressSnappy(input: Uint8Array, output: Uint8Array): void {
  const last = input.length
  const size = output.length
  const source = new DataView(input.buffer, input.byteOffset, last)
  const target = new DataView(output.buffer, output.byteOffset, size)
  if (snappyLength(input) !== size) throw new Error('a page is not as long as it says')
  let at = 1
  while (at < 5 && (input[at - 1] ?? 0) >= 128) at++
  let end = 0
  while (at < last) {
    const tag = input[at++] ?? 0
    const high = tag >>> 2
    const kind = tag & 3
    if (kind === 0) {
      let length = high + 1
      if (length <= 16 && at + 16 <= last && end + 16 <= size) {
        target.setInt32(end, source.getInt32(at, true), true)
        target.setInt32(end + 4, source.getInt32(at + 4, true), true)
        if (length > 8) {
          target.setInt32(end + 8, source.getInt32(at + 8, true), true)
          target.setInt32(end + 12, source.getInt32(at + 12, true), true)
        }
      } else {
        if (length > 60) {
          const bytes = length - 60
          length = 1
          for (let byte = 0; byte < bytes; byte++) length += (input[at++] ?? 0) << (8 * byte)
        }
        if (length < 1 || length > last - at || length > size - end) throw new Error(DAMAGED)
        if (length > 64) output.set(input.subarray(at, at + length), end)
        else for (let byte = 0; byte < length; byte++) output[end + byte] = input[at + byte] ?? 0
      }
      at += length
      end += length
      continue
    }
    let length = high + 1
    let distance = input[at++] ?? 0
    if (kind === 1) {
      length = (high & 7) + 4
      distance += (high >>> 3) << 8
    } else {
      distance += (input[at++] ?? 0) << 8
      if (kind === 3) {
        distance |= ((input[at] ?? 0) << 16) | ((input[at + 1] ?? 0) << 24)
        at += 2
      }
    }
    if (distance <= 0 || distance > end || length > size - end) throw new Error(DAMAGED)
    const stop = end + length
    if (distance >= 8 && stop + 8 <= size) {
      let from = end - distance
      do {
        target.setInt32(end, target.getInt32(from, true), true)
        target.setInt32(end + 4, target.getInt32(from + 4, true), true)
        end += 8
        from += 8
      } while (end < stop)
    } else {
      for (; end < stop; end++) output[end] = output[end - distance] ?? 0
    }
    end = stop
  }
  if (end !== size || at !== last) throw new Error(DAMAGED)
}

/** The length of the plain bytes, with which snappy starts in groups of seven bits. */
function snappyLength(input: Uint8Array): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = input[at] ?? 0
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) break
  }
  return length
}

const DAMAGED = 'snappy bytes are damaged'
