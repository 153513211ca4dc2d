// Reads of rows that are known to exist: the fallback is for the compiler and never taken.

export function floatAt(values: Float64Array, row: number): number {
  return values[row] ?? 0
}

export function integerAt(values: BigInt64Array, row: number): bigint {
  return values[row] ?? 0n
}

export function codeAt(codes: Int32Array, row: number): number {
  return codes[row] ?? 0
}

export function flagAt(flags: Uint8Array, row: number): number {
  return flags[row] ?? 0
}

export function rowAt(rows: Uint32Array, index: number): number {
  return rows[index] ?? 0
}
