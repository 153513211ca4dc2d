// Reads of rows that are known to exist: the fallback is for the compiler and never taken.

export function floatAt(values: Float64Array, row: number): number {
  return values[row] ?? 0
}

export function integerAt(values: BigInt64Array, row: number): bigint {
  return values[row] ?? 0n
}

export function flagAt(flags: Uint8Array, row: number): number {
  return flags[row] ?? 0
}

export function codeAt(codes: Int32Array, row: number): number {
  return codes[row] ?? 0
}

/** Of int64 values seen as pairs of int32: low halves at even places, high halves at odd ones. */
export function halfAt(halves: Int32Array, place: number): number {
  return halves[place] ?? 0
}
