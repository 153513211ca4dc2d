/**
 * Epoch microseconds of a time column as doubles: exact until the year 2255, and all that arithmetic needs.
 *
 * `Number(bigint)` allocates and costs 15 ns a value; reading the two 32-bit halves costs 4 ns.
 */
export function microsOf(times: BigInt64Array): Float64Array {
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2)
  const micros = new Float64Array(times.length)
  for (let row = 0; row < micros.length; row++) {
    const low = (halves[2 * row] ?? 0) >>> 0
    micros[row] = (halves[2 * row + 1] ?? 0) * 4_294_967_296 + low
  }
  return micros
}

/** The inverse of {@link microsOf}: doubles that hold integers become an int64 column. */
export function timesOf(micros: Float64Array): BigInt64Array {
  const times = new BigInt64Array(micros.length)
  const halves = new Int32Array(times.buffer)
  for (let row = 0; row < micros.length; row++) {
    const value = micros[row] ?? 0
    const high = Math.floor(value / 4_294_967_296)
    halves[2 * row] = value - high * 4_294_967_296
    halves[2 * row + 1] = high
  }
  return times
}
