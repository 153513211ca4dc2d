import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  decimalColumn,
  decimalValues,
  flagValues,
  floatValues,
  integerValues,
  makeTable,
  nullFlags,
  wordValues,
} from '@lake/core'
import { readParquet, writeParquet } from '@lake/parquet'
import { findTool, needsTool } from '@lake/storage/testing'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  Bool,
  DataType,
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
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

type Texts = Readonly<Record<string, readonly (string | null)[]>>

const python = findTool('parquet-readers')
const script = fileURLToPath(new URL('../fixtures/parquet_readers.py', import.meta.url))

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lake-readers-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** Tables that use every encoding and every way to be null; the rows fill several pages and row groups. */
const TABLES: [string, Table, { rowGroupRows?: number }][] = [
  ['no rows', extremes(0), {}],
  ['one row', extremes(1), {}],
  ['many row groups', extremes(500), { rowGroupRows: 37 }],
  ['several pages', extremes(20_000), {}],
]

describe.each(TABLES)('a file of %s', (name, table, options) => {
  let path = ''
  beforeAll(() => {
    path = join(folder, `${name}.parquet`)
    writeFileSync(path, writeParquet(table, options))
  })

  test('is read by ourselves as it was written', async () => {
    expect(textsOf(await readParquet(await readFile(path)))).toEqual(textsOf(table))
  })

  test('is read by DuckDB as it was written', async () => {
    expect(await duckdbTexts(path, table)).toEqual(textsOf(table))
  })

  test('is read by pyarrow and polars as it was written', ({ skip }) => {
    if (python === undefined) skip(needsTool('parquet-readers'))
    const readers: unknown = JSON.parse(runPython('read', path))
    expect(readers).toEqual({ pyarrow: textsOf(table), polars: textsOf(table) })
  }, 60_000)
})

test('files of pyarrow and polars are read as they were written, whatever the compression and encoding', async ({
  skip,
}) => {
  if (python === undefined) skip(needsTool('parquet-readers'))
  const foreign = join(folder, 'foreign')
  runPython('write', foreign)
  const expected: unknown = JSON.parse(await readFile(join(foreign, 'expected.json'), 'utf8'))
  const files = (await readdir(foreign)).filter((file) => file.endsWith('.parquet'))
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    const bytes = await readFile(join(foreign, file))
    const whole = textsOf(await readParquet(bytes))
    expect(whole, file).toEqual(expected)
    const range = { from: 1704067200000000 + 60_000_000 * 1600, to: 1704067200000000 + 60_000_000 * 1610 }
    const part = textsOf(await readParquet(bytes, { range, columns: ['id', 'size'] }))
    expect(part, file).toEqual({ id: whole['id']?.slice(1600, 1610), size: whole['size']?.slice(1600, 1610) })
  }
}, 60_000)

function runPython(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python ?? '', [script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** Every value as an exact text: float64 by its bits, times as microseconds, decimals as units. */
function textsOf(table: Table): Texts {
  return Object.fromEntries(
    table.schema.fields.map(({ name, type }) => {
      const nulls = nullFlags(table, name)
      const texts = exactTexts(table, name, type)
      return [name, texts.map((text, row) => (nulls?.[row] === 1 ? null : text))]
    }),
  )
}

function exactTexts(table: Table, name: string, type: unknown): (string | null)[] {
  if (DataType.isFloat(type)) return Array.from(floatValues(table, name), bitsOf)
  if (DataType.isBool(type)) return Array.from(flagValues(table, name), (flag) => (flag === 1 ? 'true' : 'false'))
  if (DataType.isDecimal(type)) {
    const { units } = decimalValues(table, name)
    return Array.from({ length: table.numRows }, (_, row) => String(unitsAt(units, row)))
  }
  if (!DataType.isDictionary(type)) return Array.from(integerValues(table, name), String)
  const { codes, words } = wordValues(table, name)
  return Array.from(codes, (code) => words[code] ?? null)
}

function unitsAt(units: Uint32Array, row: number): bigint {
  let value = 0n
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(units[4 * row + word] ?? 0)
  return BigInt.asIntN(128, value)
}

function bitsOf(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

async function duckdbTexts(path: string, table: Table): Promise<Texts> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const exact = table.schema.fields.map(({ name, type }) => {
      const id: unknown = type
      if (DataType.isTimestamp(id)) return `epoch_us("${name}")`
      if (DataType.isDecimal(id)) return `replace("${name}"::varchar, '.', '')`
      return `"${name}"`
    })
    const reader = await connection.runAndReadAll(`select ${exact.join(', ')} from read_parquet('${path}')`)
    const columns = reader.getColumns()
    return Object.fromEntries(
      table.schema.fields.map(({ name, type }, index) => {
        const id: unknown = type
        const values: readonly unknown[] = columns[index] ?? []
        return [name, values.map((value) => duckdbText(value, id))]
      }),
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function duckdbText(value: unknown, type: unknown): string | null {
  switch (typeof value) {
    case 'number':
      return bitsOf(value)
    case 'string':
      // '0.000001' without its point, as a whole number.
      return DataType.isDecimal(type) ? String(BigInt(value)) : value
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return null
  }
}

function extremes(rows: number): Table {
  const long = new Decimal(10, 38, 128)
  const short = new Decimal(2, 18, 128)
  const schema = new Schema([
    new Field('ts_event', new TimestampMicrosecond('UTC'), false),
    new Field('id', new Int64(), true),
    new Field('price', new Float64(), false),
    new Field('walk', new Float64(), true),
    new Field('size', new Float64(), true),
    new Field('word', new Dictionary(new Utf8(), new Int32()), true),
    new Field('flag', new Bool(), true),
    new Field('nothing', new Int64(), true),
    new Field('long', long, true),
    new Field('short', short, false),
  ])
  const numbers = Array.from({ length: rows }, (_, row) => row)
  const ids = [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n]
  const prices = [-0, 0, 5e-324, Number.MAX_VALUE, -Infinity, Infinity, 42283.58, 0.1]
  const words = ['buy', 'sell', '', '币安人生USDT', 'x'.repeat(100)]
  return makeTable(schema, {
    ts_event: BigInt64Array.from(numbers, (row) => 1704067200000000n + BigInt(row) * 60_000_000n),
    id: {
      values: BigInt64Array.from(numbers, (row) => (row % 50 < 4 ? (ids[row % 50] ?? 0n) : BigInt(row * row))),
      nulls: Uint8Array.from(numbers, (row) => (row % 5 === 4 ? 1 : 0)),
    },
    price: Float64Array.from(numbers, (row) => prices[row % 8] ?? 0),
    walk: Float64Array.from(numbers, (row) => (row % 1000 < 20 ? Number.NaN : Math.round(Math.sin(row) * 1e9) / 100)),
    size: Float64Array.from(numbers, (row) => (row % 3 === 0 ? Number.NaN : (row % 11) / 7)),
    word: { codes: Int32Array.from(numbers, (row) => ((row * row) % 6) - 1), words },
    flag: Uint8Array.from(numbers, (row) => (row % 17) % 3),
    nothing: { values: new BigInt64Array(rows), nulls: new Uint8Array(rows).fill(1) },
    long: decimalColumn(
      numbers.map((row) => (row % 9 === 0 ? null : (10n ** 37n / BigInt(row)) * (row % 2 ? 1n : -1n))),
    ),
    short: decimalColumn(numbers.map((row) => BigInt(row - 20) * 49_999_999_999n)),
  })
}
