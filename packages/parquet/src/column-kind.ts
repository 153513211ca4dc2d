import { LakeError } from '@lake/core'
import {
  Bool,
  DataType,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Precision,
  TimestampMicrosecond,
  TimeUnit,
  Utf8,
} from 'apache-arrow'

/** What a column of the lake holds: an instant, an int64, a float64, words from a small set, or booleans. */
export type ColumnKind = 'time' | 'integer' | 'float' | 'text' | 'flag'

/**
 * The kind of an Arrow field. Told by ids, not by classes: a table from another copy of Arrow is as good.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the lake has no such columns.
 */
export function columnKind(field: Field): ColumnKind {
  const type: unknown = field.type
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND && type.timezone === 'UTC') return 'time'
  if (DataType.isInt(type) && type.bitWidth === 64 && type.isSigned) return 'integer'
  if (DataType.isFloat(type) && type.precision === Precision.DOUBLE) return 'float'
  if (DataType.isDictionary(type) && DataType.isUtf8(type.dictionary)) return 'text'
  if (DataType.isBool(type)) return 'flag'
  throw new LakeError(
    'UNSUPPORTED',
    `Column '${field.name}' is ${String(type)}. A lake file holds timestamp[us, UTC], int64, float64, dictionary of utf8 and bool.`,
    { details: { column: field.name, type: String(type) } },
  )
}

/** The Arrow field of a kind. */
export function fieldOfKind(name: string, kind: ColumnKind, nullable: boolean): Field {
  return new Field(name, ARROW_TYPES[kind](), nullable)
}

const ARROW_TYPES: Readonly<Record<ColumnKind, () => DataType>> = {
  time: () => new TimestampMicrosecond('UTC'),
  integer: () => new Int64(),
  float: () => new Float64(),
  text: () => new Dictionary(new Utf8(), new Int32()),
  flag: () => new Bool(),
}
