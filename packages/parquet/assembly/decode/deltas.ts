import { addEights, addFours, addLeast } from './steps'
import { WIDEST, WIDEST_NARROW } from './unpack'

// DELTA_BINARY_PACKED: blocks of miniblocks, each with a width of its own. Those of narrow differences, which are nearly
// all, are added up in lanes (see steps.ts); of wide ones, what is carried from value to value is one addition.

/**
 * Decodes `count` values of eight bytes each and returns where the input ends; 0 when it is damaged.
 *
 * @param input 40 bytes behind its end may be read
 * @param values 56 bytes behind their end may be written
 */
export function decodeDeltas(input: usize, length: u32, values: usize, count: u32): usize {
  const last = input + length
  at = input
  const blockSize = readVarint(last)
  const miniblocks = readVarint(last)
  const total = readVarint(last)
  const first = readZigzag(last)
  if (at == 0 || miniblocks < 1 || miniblocks > 4096 || blockSize % miniblocks != 0 || total < count) return 0
  const perMiniblock = blockSize / miniblocks
  if (perMiniblock < 8 || perMiniblock % 8 != 0 || perMiniblock > MOST_VALUES) return 0
  const stop = values + ((count as usize) << 3)
  let target = values
  if (target < stop) {
    store<i64>(target, first)
    target += 8
  }
  while (target < stop) {
    const least = readZigzag(last)
    if (at == 0) return 0
    const widths = at
    at += miniblocks as usize
    if (at > last) return 0
    for (let nth: usize = 0; nth < (miniblocks as usize) && target < stop; nth++) {
      const width = load<u8>(widths + nth) as u32
      const end = min<usize>(stop, target + ((perMiniblock as usize) << 3))
      const bits = (((end - target) >>> 3) as u64) * width
      if (width > 64 || (at as u64) + ((bits + 7) >>> 3) > (last as u64)) return 0
      if (width == 0) addLeast(least, target, end)
      else if (width <= WIDEST_NARROW) addEights(at, width, least, target, end)
      else if (width <= WIDEST) addFours(at, width, least, target, end)
      else addOnes(at, width, least, target, end)
      target = end
      // Behind the last value a miniblock may lack what fills it up.
      at += (((perMiniblock as u64) * width) >>> 3) as usize
    }
  }
  return min<usize>(at, last)
}

/** Continues from the value before `target` by differences that no lane is wide enough for. */
function addOnes(at: usize, width: u32, least: i64, target: usize, end: usize): void {
  let value = load<i64>(target - 8)
  const mask: u64 = 0xffff_ffff_ffff_ffff >>> (64 - width)
  if (width <= 57) {
    for (let bit: u32 = 0; target < end; target += 8, bit += width) {
      value += least + (((load<u64>(at + (bit >>> 3)) >>> (bit & 7)) & mask) as i64)
      store<i64>(target, value)
    }
  } else {
    for (let bit: u32 = 0; target < end; target += 8, bit += width) {
      const from = at + (bit >>> 3)
      // Shifted twice, because a shift by 64 would be none.
      const above = ((load<u8>(from + 8) as u64) << (63 - (bit & 7))) << 1
      value += least + ((((load<u64>(from) >>> (bit & 7)) | above) & mask) as i64)
      store<i64>(target, value)
    }
  }
}

// Far more than any writer puts into one, and so few that its bits can be counted in 32 bits.
const MOST_VALUES: u64 = 1 << 24

/** Where the next number is read; 0 behind one that does not end. Set anew by each call of the kernel. */
let at: usize = 0

function readVarint(last: usize): u64 {
  let number: u64 = 0
  for (let shift: u64 = 0; shift < 70 && at != 0 && at < last; shift += 7) {
    const byte = load<u8>(at++) as u64
    number |= (byte & 127) << shift
    if (byte < 128) return number
  }
  at = 0
  return 0
}

function readZigzag(last: usize): i64 {
  const number = readVarint(last)
  return ((number >>> 1) as i64) ^ -((number & 1) as i64)
}
