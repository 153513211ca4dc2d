/**
 * True when a value is NaN; may be so for an infinite one too. Each value times zero is zero or NaN; four sums at once,
 * because each has to wait for the addition before.
 */
export function mayHoldNaN(values: Float64Array): boolean {
  const whole = values.length & ~3
  let first = 0
  let second = 0
  let third = 0
  let fourth = 0
  for (let nth = 0; nth < whole; nth += 4) {
    first += (values[nth] ?? 0) * 0
    second += (values[nth + 1] ?? 0) * 0
    third += (values[nth + 2] ?? 0) * 0
    fourth += (values[nth + 3] ?? 0) * 0
  }
  return Number.isNaN(first + second + third + fourth) || values.subarray(whole).some(Number.isNaN)
}

/** Sets `flags` to 1 where the value is NaN. */
export function flagNaN(values: Float64Array, flags: Uint8Array): void {
  for (let nth = 0; nth < values.length; nth++) if (Number.isNaN(values[nth])) flags[nth] = 1
}
