import { LakeError } from '@lake/core'
import type { StoredUnit } from './file-columns.ts'

/**
 * Turns times as Parquet stores them into microseconds, in place.
 *
 * A time is worked on as a double of its two halves where that is exact, which is everywhere between the years 1684
 * and 2255, and as a bigint beyond.
 *
 * @throws {@link LakeError} `UNSUPPORTED` for a time that microseconds cannot hold.
 */
export function intoMicros(times: BigInt64Array, unit: StoredUnit): void {
  if (unit !== 'MILLIS' && unit !== 'NANOS') return
  const halves = new Int32Array(times.buffer, times.byteOffset, 2 * times.length)
  for (let nth = 0; nth < times.length; nth++) {
    const low = (halves[2 * nth] ?? 0) >>> 0
    const high = halves[2 * nth + 1] ?? 0
    // 2^32 ns are 4294967 us and 296 ns; rounded down, also before 1970.
    const micros =
      unit === 'MILLIS' ? (high * 2 ** 32 + low) * 1000 : high * 4_294_967 + Math.floor((high * 296 + low) / 1000)
    if (Number.isSafeInteger(micros)) {
      const microsHigh = Math.floor(micros / 2 ** 32)
      halves[2 * nth] = micros - microsHigh * 2 ** 32
      halves[2 * nth + 1] = microsHigh
    } else {
      times[nth] = storedToMicros(times[nth] ?? 0n, unit)
    }
  }
}

/** Microseconds of one time that Parquet stores in a unit, as statistics have it. */
export function storedToMicros(value: bigint, unit: StoredUnit): bigint {
  switch (unit) {
    case 'MILLIS':
      return checkedMicros(value * 1000n)
    case 'NANOS':
      return (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n
    default:
      return value
  }
}

function checkedMicros(micros: bigint): bigint {
  if (BigInt.asIntN(64, micros) === micros) return micros
  throw new LakeError('UNSUPPORTED', `A time of ${micros / 1000n} ms does not fit into 64 bits of microseconds.`)
}
