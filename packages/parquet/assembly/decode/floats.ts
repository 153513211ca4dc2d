// Floats of eight bytes, looked at while they are in the processor's cache anyway.

/** True when one of the values is NaN: it alone is not equal to itself. Two values a step, four steps a turn. */
export function holdsNaN(values: usize, count: u32): bool {
  const stop = values + ((count as usize) << 3)
  let unequal = v128.splat<i64>(0)
  for (; values + 64 <= stop; values += 64) {
    const a = v128.load(values)
    const b = v128.load(values + 16)
    const c = v128.load(values + 32)
    const d = v128.load(values + 48)
    const ab = v128.or(v128.ne<f64>(a, a), v128.ne<f64>(b, b))
    const cd = v128.or(v128.ne<f64>(c, c), v128.ne<f64>(d, d))
    unequal = v128.or(unequal, v128.or(ab, cd))
  }
  if (v128.any_true(unequal)) return true
  for (; values < stop; values += 8) {
    const value = load<f64>(values)
    if (value != value) return true
  }
  return false
}
