import type { ColumnValues } from '@lake/core'
import type { JsonValue } from './json-value.ts'

/**
 * The values of a column.
 *
 * - `Float64Array`: floats, decimals of up to 15 digits; null is NaN
 * - `BigInt64Array`, or `{ values, nulls }` where some are null: integers; times in epoch microseconds UTC
 * - `Uint8Array`: booleans, 0 false, 1 true, 2 null
 * - `{ codes, words }`: texts and what is shown as text; code -1 is null
 * - a list of JSON values: lists, structs, maps, and numbers that do not fit into the above
 */
export type QueryValues = ColumnValues | readonly JsonValue[]
