import { LakeError } from '@lake/core'
import type { ColumnKind, DecimalDigits } from './column-kind.ts'
import type { FileFooter, PhysicalType, SchemaElement } from './file-footer.ts'

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
  readonly type: PhysicalType
  /** Bytes of a value of fixed length, else 0. */
  readonly width: number
  /** How Parquet calls the type, for messages. */
  readonly storedType: string
}

/** The top-level columns of a file by name. */
export function fileColumns({ schema }: FileFooter): Map<string, FileColumn> {
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
  for (let child = 0; child < (schema[index]?.children ?? 0) && next < schema.length; child++) {
    next = skipChildren(schema, next)
  }
  return next
}

function fileColumn(element: SchemaElement): FileColumn {
  const { name, type, typeLength, repetition, convertedType, logicalType } = element
  const flat = type !== undefined && repetition !== 'REPEATED'
  const [kind, unit] = flat ? kindOf(element) : []
  const stored = [type ?? 'nested', logicalType?.type ?? convertedType].filter((part) => part !== undefined)
  return {
    name,
    kind,
    unit,
    type: type ?? 'BYTE_ARRAY',
    digits: kind === 'decimal' ? digitsOf(element) : undefined,
    width: typeLength,
    nullable: repetition !== 'REQUIRED',
    storedType: flat ? stored.join(' ') : 'nested',
  }
}

function kindOf(element: SchemaElement): [ColumnKind?, StoredUnit?] {
  const { type, convertedType, logicalType } = element
  const annotation = logicalType?.type ?? convertedType
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
      if (logicalType?.type === 'TIMESTAMP') return ['time', logicalType.unit]
      if (convertedType === 'TIMESTAMP_MILLIS') return ['time', 'MILLIS']
      if (convertedType === 'TIMESTAMP_MICROS') return ['time', 'MICROS']
      return isInteger(annotation) && !isUnsigned(element) ? ['integer'] : []
    default:
      return []
  }
}

/** The digits of a decimal that fits into 128 bits. */
function digitsOf({ type, typeLength: length, precision, scale }: SchemaElement): DecimalDigits | undefined {
  const fits = type === 'INT32' || type === 'INT64' || (type === 'FIXED_LEN_BYTE_ARRAY' && length > 0 && length <= 16)
  if (!fits || precision < 1 || precision > 38 || scale < 0 || scale > precision) return undefined
  return { precision, scale }
}

function isInteger(annotation: string | undefined): boolean {
  return annotation === undefined || annotation === 'INTEGER' || /^U?INT_\d+$/.test(annotation)
}

function isUnsigned({ convertedType, logicalType }: SchemaElement): boolean {
  if (logicalType?.type === 'INTEGER') return logicalType.isSigned !== true
  return convertedType?.startsWith('UINT') === true
}
