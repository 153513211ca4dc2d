import { LakeError } from '@lake/core'
import {
  Bool,
  DataType,
  Decimal,
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

/** What a column of the lake holds: instants, int64, float64, exact decimals, words from a small set, or booleans. */
export type ColumnKind = 'time' | 'integer' | 'float' | 'decimal' | 'text' | 'flag'

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
  if (DataType.isDecimal(type) && type.bitWidth === 128) return 'decimal'
  throw new LakeError(
    'UNSUPPORTED',
    `Column '${field.name}' is ${String(type)}. A lake file holds timestamp[us, UTC], int64, float64, decimal of 128 bits, ` +
      'dictionary of utf8 and bool.',
    { details: { column: field.name, type: String(type) } },
  )
}

/** Digits of a decimal, in all and behind the point. */
export interface DecimalDigits {
  readonly precision: number
  readonly scale: number
}

/** The digits of a decimal field; `undefined` for all other kinds. */
export function decimalDigits({ type }: Field): DecimalDigits | undefined {
  const id: unknown = type
  return DataType.isDecimal(id) ? { precision: id.precision, scale: id.scale } : undefined
}

/** The Arrow field of a kind. */
export function fieldOfKind(name: string, kind: ColumnKind, nullable: boolean, digits?: DecimalDigits): Field {
  return new Field(name, ARROW_TYPES[kind](digits), nullable)
}

const ARROW_TYPES: Readonly<Record<ColumnKind, (digits?: DecimalDigits) => DataType>> = {
  time: () => new TimestampMicrosecond('UTC'),
  integer: () => new Int64(),
  float: () => new Float64(),
  decimal: ({ precision, scale } = { precision: 38, scale: 0 }) => new Decimal(scale, precision, 128),
  text: () => new Dictionary(new Utf8(), new Int32()),
  flag: () => new Bool(),
}
