import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  DuckDBVariantValue,
} from '@duckdb/node-api'

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue }

/**
 * A value of SQL as JSON, without losing digits.
 *
 * - integers within 2^53 are numbers, larger ones text; decimals of up to 15 digits are numbers, longer ones text
 * - times are ISO 8601 in UTC with `Z`, as many decimals as carry something (nanoseconds are cut to microseconds)
 * - NaN and the infinities, which JSON lacks, are null
 * - bytes are base64, lists are arrays, structs and maps are objects, everything else is DuckDB's text
 *
 * @example
 * jsonValue(2n ** 60n) // '1152921504606846976'
 */
export function jsonValue(value: unknown): JsonValue {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return integerJson(value)
    case 'object':
      return objectJson(value)
    default:
      return null
  }
}

/** A number where a double holds it exactly, else its digits. */
export function integerJson(value: bigint): JsonValue {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** ISO 8601 of microseconds since the epoch; `infinity` and `-infinity` for DuckDB's two ends of time. */
export function timeJson(micros: bigint): string {
  if (micros >= INFINITY) return 'infinity'
  if (micros <= -INFINITY) return '-infinity'
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const millis = Number((micros - fraction) / 1000n)
  if (Math.abs(millis) > LAST_MILLIS) return `${micros} us`
  const decimals = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
  return new Date(millis).toISOString().replace('.000Z', `${decimals}Z`)
}

/** Microseconds of DuckDB's times of every unit; `undefined` for anything else. */
export function microsOfTime(value: unknown): bigint | undefined {
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) return value.micros
  if (value instanceof DuckDBTimestampMillisecondsValue) return scaled(value.millis, value.isFinite, 1000n)
  if (value instanceof DuckDBTimestampSecondsValue) return scaled(value.seconds, value.isFinite, 1_000_000n)
  if (!(value instanceof DuckDBTimestampNanosecondsValue)) return undefined
  if (!value.isFinite) return scaled(value.nanos, false, 1n)
  return (value.nanos - (((value.nanos % 1000n) + 1000n) % 1000n)) / 1000n
}

// DuckDB's infinity is the largest int64, and nothing comes near it.
const INFINITY = 2n ** 63n - 1n

// The last instant that Date can hold.
const LAST_MILLIS = 8.64e15

function scaled(value: bigint, isFinite: boolean, micros: bigint): bigint {
  if (isFinite) return value * micros
  return value > 0n ? INFINITY : -INFINITY
}

function objectJson(value: object): JsonValue {
  const micros = microsOfTime(value)
  if (micros !== undefined) return timeJson(micros)
  if (value instanceof DuckDBDecimalValue) return decimalJson(value)
  if (value instanceof DuckDBBlobValue) return base64(value.bytes)
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof Date) return timeJson(BigInt(value.getTime()) * 1000n)
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(jsonValue)
  if (value instanceof DuckDBStructValue) return recordJson(Object.entries(value.entries))
  if (value instanceof DuckDBMapValue) {
    return recordJson(value.entries.map((entry) => [keyText(entry.key), entry.value]))
  }
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) return jsonValue(value.value)
  if (Array.isArray(value)) return value.map(jsonValue)
  if (Object.getPrototypeOf(value) === Object.prototype) return recordJson(Object.entries(value))
  // Dates, intervals, UUIDs and the like: DuckDB's classes write themselves.
  return textOf(value)
}

function textOf(value: { toString(): string }): string {
  return value.toString()
}

function recordJson(entries: readonly (readonly [string, unknown])[]): JsonValue {
  return Object.fromEntries(entries.map(([name, value]) => [name, jsonValue(value)]))
}

function keyText(key: unknown): string {
  const json = jsonValue(key)
  return typeof json === 'string' ? json : JSON.stringify(json)
}

function decimalJson(value: DuckDBDecimalValue): JsonValue {
  const digits = value.value < 0n ? -value.value : value.value
  return digits < 10n ** 15n ? Number(String(value)) : String(value)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
