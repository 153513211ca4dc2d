// Snappy. Columns of numbers are pieces of a few bytes, so what counts is to copy these without a loop or a call: sixteen
// bytes at a time, more of them than needed, because what is too much is overwritten by what follows.

import { copyFar, copyNear, copyWords } from './copies'

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
    // Whether it is near or far cannot be foretold, so there is no branch.
    const isNear = (tag & 3) == 1
    const next = load<u32>(at)
    let size = select<u32>(((tag >>> 2) & 7) + 4, (tag >>> 2) + 1, isNear)
    let distance = select<u32>(((tag >>> 5) << 8) | (next & 255), next & 65535, isNear)
    at += select<usize>(1, 2, isNear)
    if ((tag & 3) == 3) {
      distance = next
      at += 2
    }
    if (distance == 0 || distance > <u32>(end - output) || size > <u32>(stop - end)) return false
    if (distance >= 8) {
      store<u64>(end, load<u64>(end - distance))
      if (size > 8) copyWords(end + 8, distance, size - 8)
    } else {
      copyNear(end, distance, size)
    }
    end += size
  }
  return at == last && end == stop
}
