// Snappy. Columns of numbers are pieces of a few bytes, so what counts is to copy these without a loop or a call: sixteen
// bytes at a time, more of them than needed, because what is too much is overwritten by what follows.

import { copyFar, copyNear } from './copies'

/**
 * Uncompresses what follows the length that snappy starts with.
 *
 * @param input 32 bytes behind its end may be read
 * @param output 32 bytes behind its end may be written
 * @returns whether the input is whole, and `size` bytes are what it stands for
 */
export function uncompressSnappy(input: usize, length: u32, output: usize, size: u32): bool {
  const last = input + length
  const stop = output + size
  let at = input
  let end = output
  while (at < last) {
    const tag = load<u8>(at) as u32
    at++
    if ((tag & 3) == 0) {
      let more = tag >>> 2
      if (more >= 60) {
        const bytes = more - 59
        more = load<u32>(at) & (0xffff_ffff >>> (32 - 8 * bytes))
        at += bytes
      }
      if (at > last || more >= <u32>(last - at) || more >= <u32>(stop - end)) return false
      v128.store(end, v128.load(at))
      if (more >= 16) copyFar(end + 16, at + 16, more - 15)
      at += more + 1
      end += more + 1
      continue
    }
    let size = (tag >>> 2) + 1
    let distance: u32
    if ((tag & 3) == 1) {
      size = ((tag >>> 2) & 7) + 4
      distance = ((tag >>> 5) << 8) | load<u8>(at)
      at++
    } else if ((tag & 3) == 2) {
      distance = load<u16>(at)
      at += 2
    } else {
      distance = load<u32>(at)
      at += 4
    }
    if (distance == 0 || distance > <u32>(end - output) || size > <u32>(stop - end)) return false
    if (distance >= 16) {
      v128.store(end, v128.load(end - distance))
      if (size > 16) copyFar(end + 16, end + 16 - distance, size - 16)
    } else {
      copyNear(end, distance, size)
    }
    end += size
  }
  return at == last && end == stop
}
