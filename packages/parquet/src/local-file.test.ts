import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, makeTable, parseInstant } from '@lake/core'
import { Field, Float64, Schema, TimestampMicrosecond } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filePageReader } from './page-reader.ts'
import { createParquetWriter, type RandomAccess, readParquet, readParquetMetadata, writeParquet } from './index.ts'

const ROWS = 70_000
const START = parseInstant('2024-01-01')
const folder = mkdtempSync(join(tmpdir(), 'lake-local-file-'))
const path = join(folder, 'rows.parquet')

beforeAll(() => {
  writeFileSync(path, writeParquet(rows(), { rowGroupRows: 50_000 }))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('a path', () => {
  test.each([
    ['all rows', {}],
    ['a column', { columns: ['half'] }],
    ['a range across row groups', { range: { from: START + 40_000, to: START + 60_001 } }],
    ['a range within a page', { range: { from: START + 3, to: START + 5 }, columns: ['random'] }],
    ['no rows', { range: { from: START - 9, to: START } }],
  ])('is read as its bytes are: %s', async (_, options) => {
    const table = await readParquet(path, options)
    const expected = await readParquet(writeParquet(rows(), { rowGroupRows: 50_000 }), options)
    expect(table.schema.names).toEqual(expected.schema.names)
    expect(Buffer.compare(writeParquet(table), writeParquet(expected))).toBe(0)
  })

  test('names the file in errors, and takes a name of your own', async () => {
    const cut = join(folder, 'cut.parquet')
    writeFileSync(cut, writeParquet(rows()))
    truncateSync(cut, 3000)
    await expect(readParquet(cut)).rejects.toThrow(cut)
    await expect(readParquetMetadata(cut, { name: 'it' })).rejects.toThrow(/^it cannot be read/)
  })

  test('of no file fails as Node says', async () => {
    await expect(readParquet(join(folder, 'none.parquet'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('of a file in zstd is read', async () => {
    const few = rows().slice(0, 4000)
    const chunks: Uint8Array[] = []
    const writer = createParquetWriter({
      schema: few.schema,
      compression: 'zstd',
      sink: (chunk) => void chunks.push(chunk.slice()),
    })
    await writer.write(few)
    await writer.close()
    const zstd = join(folder, 'zstd.parquet')
    writeFileSync(zstd, Buffer.concat(chunks))
    expect(Buffer.compare(writeParquet(await readParquet(zstd)), writeParquet(few))).toBe(0)
  })
})

test('a source that fails, or ends early, while it is read in pieces', async () => {
  const bytes = writeParquet(rows())
  const slice: RandomAccess['slice'] = (start, end) => Promise.resolve(bytes.subarray(start, end))
  const lost = new Error('the disk is gone')
  const failing: RandomAccess = {
    byteLength: bytes.length,
    slice,
    readInto: () => {
      throw lost
    },
  }
  await expect(readParquet(failing)).rejects.toBe(lost)
  const short: RandomAccess = { byteLength: bytes.length, slice, readInto: (target) => target.length - 1 }
  const error: unknown = await readParquet(short).catch((reason: unknown) => reason)
  expect(LakeError.is(error) && error.code).toBe('CORRUPT_LAKE')
  expect(String(error)).toContain('ends before byte')
})

test('no page is longer than its column, whatever it claims', () => {
  const reader = filePageReader([{ start: 0, end: 40 }], (target) => target.fill(1))
  expect(() => reader.body(41)).toThrow('a page lies outside its column')
  expect(() => reader.body(-1)).toThrow('a page lies outside its column')
  expect(reader.body(40).bytes()).toHaveLength(40)
})

function rows() {
  const schema = new Schema([
    new Field('ts_event', new TimestampMicrosecond('UTC'), false),
    new Field('half', new Float64(), true),
    new Field('random', new Float64(), false),
  ])
  return makeTable(schema, {
    ts_event: BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(START + row)),
    half: Float64Array.from({ length: ROWS }, (_, row) => (row % 3 === 0 ? Number.NaN : row / 2)),
    random: Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row)),
  })
}
