// Numbers of eight bytes, moved as such.

/** Puts the first bytes of all numbers, which precede all second ones and so on, back together. */
export function joinWideStreams(streams: usize, count: u32, target: usize): void {
  const stride = count as usize
  let nth: usize = 0
  // Sixteen numbers at once: three times each pair of neighbours is interleaved.
  for (; nth + 16 <= stride; nth += 16) {
    const from = streams + nth
    const a = v128.load(from)
    const b = v128.load(from + stride)
    const c = v128.load(from + 2 * stride)
    const d = v128.load(from + 3 * stride)
    const e = v128.load(from + 4 * stride)
    const f = v128.load(from + 5 * stride)
    const g = v128.load(from + 6 * stride)
    const h = v128.load(from + 7 * stride)
    storeEight(target + (nth << 3), lowBytes(a, b), lowBytes(c, d), lowBytes(e, f), lowBytes(g, h))
    storeEight(target + (nth << 3) + 64, highBytes(a, b), highBytes(c, d), highBytes(e, f), highBytes(g, h))
  }
  for (; nth < stride; nth++) {
    for (let byte: usize = 0; byte < 8; byte++) {
      store<u8>(target + (nth << 3) + byte, load<u8>(streams + byte * stride + nth))
    }
  }
}

/** Gives each row its value of eight bytes: the next one where `present` has 1, `missing` where it has 0. */
export function spreadWide(values: usize, present: usize, rows: u32, missing: f64, target: usize): void {
  const stop = present + rows
  for (; present < stop; present++, target += 8) {
    const isPresent = load<u8>(present) as usize
    store<f64>(target, select<f64>(load<f64>(values), missing, isPresent != 0))
    values += isPresent << 3
  }
}

/** Leaves the lower halves of numbers of eight bytes, one behind the other, in place. What fills the last four is written. */
export function narrowWide(values: usize, count: u32): void {
  const stop = values + ((count as usize) << 2)
  let from = values
  for (; values < stop; values += 16, from += 32) {
    v128.store(values, v128.shuffle<i32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6))
  }
}

function storeEight(target: usize, ab: v128, cd: v128, ef: v128, gh: v128): void {
  const low = lowPairs(ab, cd)
  const high = highPairs(ab, cd)
  const lowRest = lowPairs(ef, gh)
  const highRest = highPairs(ef, gh)
  v128.store(target, v128.shuffle<i32>(low, lowRest, 0, 4, 1, 5))
  v128.store(target + 16, v128.shuffle<i32>(low, lowRest, 2, 6, 3, 7))
  v128.store(target + 32, v128.shuffle<i32>(high, highRest, 0, 4, 1, 5))
  v128.store(target + 48, v128.shuffle<i32>(high, highRest, 2, 6, 3, 7))
}

function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
}

function highBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
}

function lowPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

function highPairs(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
}
