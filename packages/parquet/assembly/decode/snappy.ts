// Snappy. Columns of numbers are pairs of a literal and a copy, both of a few bytes, and what comes next cannot be
// foretold, so what counts is to have no branch that depends on it. Far from the ends a literal of up to four bytes and the
// copy behind it are one step, whatever tags these have: a copy that comes alone has a literal of no bytes. From where the
// copy looks back to, less the literal, eight bytes are loaded, the literal is put over the first of them, and they are
// stored at once. So what is loaded from there again comes out of one store: had it been in two, it would have to wait until
// both are in memory. Eight bytes more are copied whether needed or not. What is longer, looks back to less than eight
// bytes, or comes near the ends is looked at one by one.

import { copyFar } from './copies'
import { repeat } from './repeats'
import { COPIES, FILLED, LITERALS } from './snappy-tags'

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
    if (<u32>(end - output) >= 8) {
      // A step takes eight bytes at most, and writes fewer than 128; but for these it looks no further than 73 ahead.
      let steps = min<i32>(((last - 48 - at) as i32) >> 3, ((stop - 128 - end) as i32) >> 7)
      if (steps > 0) {
        let word = load<u64>(at)
        // Distances are less eight, so here is what lies at none.
        let back = end - 8
        do {
          const tag = (word as u32) & 255
          const copy = select<usize>(at + 2 + (tag >>> 2), at, ((word as u32) & 3) == 0)
          const next = load<u64>(copy)
          const row = COPIES + (((next as u32) & 255) << 3)
          const sum = ((next as u32) & load<u32>(row)) + load<u32>(row, 4)
          const distance = ((sum as i32) >> 8) as u32
          const literal = load<u8>(tag, LITERALS) as u32
          const both = (sum & 255) + literal
          const kind = (next as u32) & 3
          if (distance <= <u32>(back - output)) {
            const from = load<u64>(back - distance)
            store<u64>(back, from ^ ((from ^ (word >>> 8)) & load<u32>(literal << 2, FILLED)), 8)
            store<u64>(back, load<u64>(back - distance, 8), 16)
            if (both > 16) {
              if (literal > 4) break
              at = copy + 1 + kind
              repeat(back + 24, back + 8 + both, distance + 8)
              back += both
              word = load<u64>(at)
              continue
            }
          } else {
            // Less than eight bytes back, or further than there is.
            if (distance + 7 >= 7 || literal > 4) break
            at = copy + 1 + kind
            store<u32>(back, (word >>> 8) as u32, 8)
            repeat(back + 8 + literal, back + 8 + both, distance + 8)
            back += both
            word = load<u64>(at)
            continue
          }
          back += both
          at = copy + 1 + kind
          word = select<u64>(next >>> 16, next >>> 24, kind == 1)
        } while (--steps != 0)
        end = back + 8
      }
    }
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
    const next = load<u32>(at)
    let size = (tag >>> 2) + 1
    let distance = next
    if ((tag & 3) == 1) {
      size = ((tag >>> 2) & 7) + 4
      distance = ((tag >>> 5) << 8) | (next & 255)
      at++
    } else if ((tag & 3) == 2) {
      distance = next & 65535
      at += 2
    } else {
      at += 4
    }
    if (distance == 0 || distance > <u32>(end - output) || size > <u32>(stop - end)) return false
    repeat(end, end + size, distance)
    end += size
  }
  return at == last && end == stop
}
