import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ColumnValues,
  constantWord,
  type DataType,
  type GoldTable,
  makeTable,
  type ObjectStore,
  partitionKey,
  type Series,
  tableSchema,
} from '@lake/core'
import { writeParquet } from '@lake/parquet'
import { openStore } from '@lake/storage'
import { DataType as ArrowType, Dictionary, Field, Int32, Schema, type Table, Utf8 } from 'apache-arrow'
import { onTestFinished } from 'vitest'

/** An empty lake in a folder of its own, which goes when the test ends. */
export async function temporaryLake(name = 'lake'): Promise<{ store: ObjectStore; folder: string }> {
  const parent = await mkdtemp(join(tmpdir(), 'lake-catalog-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  const folder = join(parent, name)
  return { store: openStore(folder), folder }
}

/** Stores a table as a partition, with its identity as columns, as a run does. */
export async function putPartition(store: ObjectStore, series: Series, label: string, table: Table): Promise<string> {
  const key = partitionKey(series, label)
  await store.put(key, writeParquet(withIdentity(table, series)))
  return key
}

/** Rows of made-up but reproducible values, one a minute. Every second value of what may be null is. */
export function sampleTable(name: DataType | GoldTable, from: number, rows: number): Table {
  const schema = new Schema<Record<string, ArrowType>>(tableSchema(name).fields)
  const columns = schema.fields.map((field, index): [string, ColumnValues] => [
    field.name,
    sampleColumn(field, from, rows, index),
  ])
  return makeTable(schema, Object.fromEntries(columns))
}

function sampleColumn({ name, type, nullable }: Field, from: number, rows: number, seed: number): ColumnValues {
  const isNull = (row: number): boolean => nullable && (row + seed) % 2 === 0
  const each = { length: rows }
  const id: unknown = type
  if (ArrowType.isTimestamp(id)) {
    const later = name === 'ts_event' ? 0 : 60_000_000
    return BigInt64Array.from(each, (_, row) => BigInt(from + row * 60_000_000 + later))
  }
  if (ArrowType.isFloat(id)) {
    return Float64Array.from(each, (_, row) =>
      isNull(row) ? Number.NaN : Math.round(1e8 * Math.sin(row + seed)) / 1e6,
    )
  }
  if (ArrowType.isBool(id)) return Uint8Array.from(each, (_, row) => (isNull(row) ? 2 : row % 2))
  if (ArrowType.isDictionary(id)) {
    return {
      codes: Int32Array.from(each, (_, row) => (isNull(row) ? -1 : (row * 7 + seed) % 3)),
      words: ['archive', 'b', 'ü'],
    }
  }
  const values = BigInt64Array.from(each, (_, row) => 9_007_199_254_740_993n + BigInt(row * seed))
  return { values, nulls: Uint8Array.from(each, (_, row) => (isNull(row) ? 1 : 0)) }
}

function withIdentity(table: Table, { exchange, market, symbol, interval }: Series): Table {
  const words = { exchange, market, symbol, ...(interval !== undefined && { interval }) }
  const fields = Object.keys(words).map((name) => new Field(name, new Dictionary(new Utf8(), new Int32()), false))
  const columns = Object.entries(words).map(([name, word]) => [name, constantWord(word, table.numRows)] as const)
  return table.assign(makeTable(new Schema(fields), Object.fromEntries(columns)))
}
