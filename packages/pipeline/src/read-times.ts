import { integerValues, microsOf } from '@lake/core'
import { readParquet } from '@lake/parquet'

/** The event times of a Parquet file, in microseconds. */
export async function readTimes(
  bytes: Uint8Array,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  return microsOf(integerValues(await readParquet(bytes, { columns: ['ts_event'], name, signal }), 'ts_event'))
}
