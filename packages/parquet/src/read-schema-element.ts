import type { LogicalType, PhysicalType, SchemaElement } from './file-footer.ts'
import type { ThriftReader } from './thrift-reader.ts'

/** A column, or a group of columns, of the schema in a footer. What has a number that is not known is as if it were absent. */
export function readSchemaElement(reader: ThriftReader): SchemaElement {
  let type: PhysicalType | undefined
  let typeLength = 0
  let repetition: SchemaElement['repetition']
  let name = ''
  let children = 0
  let convertedType: string | undefined
  let scale = 0
  let precision = 0
  let logicalType: LogicalType | undefined
  reader.struct((id) => {
    if (id === 1) type = TYPES[reader.integer()]
    else if (id === 2) typeLength = reader.integer()
    else if (id === 3) repetition = REPETITIONS[reader.integer()]
    else if (id === 4) name = reader.text()
    else if (id === 5) children = reader.integer()
    else if (id === 6) convertedType = CONVERTED_TYPES[reader.integer()]
    else if (id === 7) scale = reader.integer()
    else if (id === 8) precision = reader.integer()
    else if (id === 10) logicalType = readLogicalType(reader)
    else reader.skip()
  })
  return { name, type, typeLength, repetition, children, convertedType, scale, precision, logicalType }
}

/** One field, whose number says which type it is, and whose value what else there is to say. */
function readLogicalType(reader: ThriftReader): LogicalType | undefined {
  let found: LogicalType | undefined
  reader.struct((id) => {
    const type = LOGICAL_TYPES[id]
    if (type === 'TIME' || type === 'TIMESTAMP') found = { type, unit: readTimeUnit(reader) }
    else if (type === 'INTEGER') found = { type, isSigned: readIsSigned(reader) }
    else {
      if (type !== undefined) found = { type }
      reader.skip()
    }
  })
  return found
}

function readTimeUnit(reader: ThriftReader): LogicalType['unit'] {
  let unit: LogicalType['unit']
  reader.struct((id) => {
    if (id !== 2) {
      reader.skip()
      return
    }
    reader.struct((which) => {
      unit = TIME_UNITS[which]
      reader.skip()
    })
  })
  if (unit === undefined) throw new Error('the footer has a time without a unit')
  return unit
}

function readIsSigned(reader: ThriftReader): boolean {
  let isSigned = false
  reader.struct((id) => {
    if (id === 2) isSigned = reader.flag()
    else reader.skip()
  })
  return isSigned
}

const TYPES: readonly PhysicalType[] = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
]

const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'] as const

const CONVERTED_TYPES: readonly string[] = [
  ...['UTF8', 'MAP', 'MAP_KEY_VALUE', 'LIST', 'ENUM', 'DECIMAL', 'DATE', 'TIME_MILLIS', 'TIME_MICROS'],
  ...['TIMESTAMP_MILLIS', 'TIMESTAMP_MICROS', 'UINT_8', 'UINT_16', 'UINT_32', 'UINT_64'],
  ...['INT_8', 'INT_16', 'INT_32', 'INT_64', 'JSON', 'BSON', 'INTERVAL'],
]

const TIME_UNITS = [undefined, 'MILLIS', 'MICROS', 'NANOS'] as const

const LOGICAL_TYPES: readonly (string | undefined)[] = [
  ...[undefined, 'STRING', 'MAP', 'LIST', 'ENUM', 'DECIMAL', 'DATE', 'TIME', 'TIMESTAMP', undefined, 'INTEGER'],
  ...['NULL', 'JSON', 'BSON', 'UUID', 'FLOAT16', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY'],
]
