import { LakeError } from '@lake/core'
import type { FileMetaData, ParquetType, SchemaElement } from 'hyparquet'
import type { ColumnKind, DecimalDigits } from './column-kind.ts'

/** How a stored integer becomes the value: as it is, or a time in another unit. */
export type StoredUnit = 'MILLIS' | 'MICROS' | 'NANOS' | 'UINT_32' | undefined

/** A column of a Parquet file. */
export interface FileColumn {
  readonly name: string
  /** What it becomes; `undefined` for types that the lake has no columns for. */
  readonly kind: ColumnKind | undefined
  readonly nullable: boolean
  readonly unit: StoredUnit
  /** Of decimals. */
  readonly digits: DecimalDigits | undefined
  /** How its values are stored; 'BYTE_ARRAY' for nested columns, which cannot be read anyway. */
  readonly type: ParquetType
  /** Its place in the schema, which says how its statistics are to be read. */
  readonly element: SchemaElement
  /** How Parquet calls the type, for messages. */
  readonly storedType: string
}

/** The top-level columns of a file by name. */
export function fileColumns({ schema }: FileMetaData): Map<string, FileColumn> {
  const columns = new Map<string, FileColumn>()
  for (let index = 1; index < schema.length; index = skipChildren(schema, index)) {
    const element = schema[index]
    if (element !== undefined) columns.set(element.name, fileColumn(element))
  }
  return columns
}

/** @throws {@link LakeError} `UNSUPPORTED` when the lake has no columns of the file column's type. */
export function supportedKind(column: FileColumn): ColumnKind {
  if (column.kind !== undefined) return column.kind
  throw new LakeError(
    'UNSUPPORTED',
    `Column '${column.name}' is ${column.storedType}, which cannot be read; ` +
      'times, integers, floats, decimals, texts and booleans can. Leave it out with the option columns.',
    { details: { column: column.name, type: column.storedType } },
  )
}

/** The index of the element after one and all that it contains. */
function skipChildren(schema: readonly SchemaElement[], index: number): number {
  let next = index + 1
  for (let child = 0; child < (schema[index]?.num_children ?? 0) && next < schema.length; child++) {
    next = skipChildren(schema, next)
  }
  return next
}

function fileColumn(element: SchemaElement): FileColumn {
  const { name, type, repetition_type, converted_type, logical_type } = element
  const flat = type !== undefined && repetition_type !== 'REPEATED'
  const [kind, unit] = flat ? kindOf(element) : []
  const stored = [type ?? 'nested', logical_type?.type ?? converted_type].filter((part) => part !== undefined)
  return {
    name,
    kind,
    unit,
    type: type ?? 'BYTE_ARRAY',
    digits: kind === 'decimal' ? digitsOf(element) : undefined,
    element,
    nullable: repetition_type !== 'REQUIRED',
    storedType: flat ? stored.join(' ') : 'nested',
  }
}

function kindOf(element: SchemaElement): [ColumnKind?, StoredUnit?] {
  const { type, converted_type, logical_type } = element
  const annotation = logical_type?.type ?? converted_type
  if (annotation === 'DECIMAL') return digitsOf(element) === undefined ? [] : ['decimal']
  switch (type) {
    case 'BOOLEAN':
      return ['flag']
    case 'FLOAT':
    case 'DOUBLE':
      return ['float']
    case 'BYTE_ARRAY':
      return annotation === 'STRING' || annotation === 'UTF8' || annotation === 'ENUM' ? ['text'] : []
    case 'INT32':
      if (!isInteger(annotation)) return []
      return isUnsigned(element) ? ['integer', 'UINT_32'] : ['integer']
    case 'INT64':
      if (logical_type?.type === 'TIMESTAMP') return ['time', logical_type.unit]
      if (converted_type === 'TIMESTAMP_MILLIS') return ['time', 'MILLIS']
      if (converted_type === 'TIMESTAMP_MICROS') return ['time', 'MICROS']
      return isInteger(annotation) && !isUnsigned(element) ? ['integer'] : []
    default:
      return []
  }
}

/** The digits of a decimal that fits into 128 bits. */
function digitsOf({
  type,
  type_length: length = 0,
  precision = 0,
  scale = 0,
}: SchemaElement): DecimalDigits | undefined {
  const fits = type === 'INT32' || type === 'INT64' || (type === 'FIXED_LEN_BYTE_ARRAY' && length > 0 && length <= 16)
  if (!fits || precision < 1 || precision > 38 || scale < 0 || scale > precision) return undefined
  return { precision, scale }
}

function isInteger(annotation: string | undefined): boolean {
  return annotation === undefined || annotation === 'INTEGER' || /^U?INT_\d+$/.test(annotation)
}

function isUnsigned({ converted_type, logical_type }: SchemaElement): boolean {
  if (logical_type?.type === 'INTEGER') return !logical_type.isSigned
  return converted_type?.startsWith('UINT') === true
}
