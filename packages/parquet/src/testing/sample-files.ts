import { readdirSync, readFileSync } from 'node:fs'
import { constantWord, makeTable } from '@lake/core'
import {
  Bool,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  type Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { writeParquet } from '../write-parquet.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url)

/** Files of all writers that there are here, by their names. */
export function sampleFiles(): [name: string, bytes: Uint8Array][] {
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.parquet'))
  return [
    ...names.map((name): [string, Uint8Array] => [name, new Uint8Array(readFileSync(new URL(name, FIXTURES)))]),
    ['ours', writeParquet(rows(3000), { rowGroupRows: 1000, metadata: { table: 'rows', empty: '', ü: 'ß' } })],
    ['ours of one page', writeParquet(rows(10))],
    ['ours of no rows', writeParquet(rows(0))],
    ['another writer', new Uint8Array(annotated())],
  ]
}

function rows(count: number): Table {
  const schema = new Schema([
    new Field('ts_event', new TimestampMicrosecond('UTC'), false),
    new Field('id', new Int64(), true),
    new Field('number', new Float64(), true),
    new Field('wörd', new Dictionary(new Utf8(), new Int32()), false),
    new Field('flag', new Bool(), true),
    new Field('exact', new Decimal(10, 38, 128), false),
    new Field('short', new Decimal(2, 18, 128), true),
  ])
  return makeTable(schema, {
    ts_event: BigInt64Array.from({ length: count }, (_, row) => 1_700_000_000_000_000n + BigInt(row)),
    id: {
      values: BigInt64Array.from({ length: count }, (_, row) => BigInt(-row * row)),
      nulls: Uint8Array.from({ length: count }, (_, row) => Number(row % 7 === 3)),
    },
    number: Float64Array.from({ length: count }, (_, row) => (row % 3 === 0 ? Number.NaN : Math.sin(row))),
    wörd: constantWord('archive', count),
    flag: Uint8Array.from({ length: count }, (_, row) => row % 3),
    exact: { units: Uint32Array.from({ length: 4 * count }, (_, word) => (word % 4 === 0 ? word : 0)) },
    short: { units: Uint32Array.from({ length: 4 * count }, (_, word) => (word % 4 === 0 ? word : 0)) },
  })
}

/** Columns of every annotation that says what integers and bytes mean, nested ones and one twice among them. */
function annotated(): ArrayBuffer {
  const integers: Partial<SchemaElement>[] = [
    { converted_type: 'UINT_64' },
    { converted_type: 'TIMESTAMP_MILLIS' },
    { converted_type: 'TIMESTAMP_MICROS' },
    { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } },
    { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' } },
    { logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } },
    { logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
    { logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: true } },
    {},
  ]
  const elements = integers.map((element, nth): SchemaElement => {
    const repetition_type = nth % 2 === 0 ? 'REQUIRED' : 'OPTIONAL'
    return { name: `integer ${nth}`, type: 'INT64', repetition_type, ...element }
  })
  const columnData = elements.map(({ name }) => ({ name, data: BigInt64Array.of(3n, 1n, 2n ** 40n) }))
  return parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: elements.length + 3 },
      ...elements,
      { name: 'group', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'inner', type: 'INT32', repetition_type: 'OPTIONAL' },
      { name: 'text', type: 'BYTE_ARRAY', logical_type: { type: 'STRING' }, repetition_type: 'REQUIRED' },
      { name: 'json', type: 'BYTE_ARRAY', converted_type: 'JSON', repetition_type: 'REQUIRED' },
    ],
    columnData: [
      ...columnData,
      { name: 'group', data: [{ inner: 1 }, null, { inner: 3 }] },
      { name: 'text', data: ['a', 'ß', ''] },
      { name: 'json', data: [{}, { a: 1 }, []] },
    ],
    rowGroupSize: 2,
    kvMetadata: [{ key: 'a', value: 'b' }, { key: 'no value' }],
  })
}
