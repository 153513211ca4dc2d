import { createHash } from 'node:crypto'
import { constantWord, floatValues, type LakeTable, makeTable, tableSchema } from '@lake/core'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { describe, expect, test } from 'vitest'
import { createParquetWriter, readParquet, readParquetMetadata, writeParquet } from './index.ts'

const schema = tableSchema('bookDepth')

// A file is the same on every machine and in every release.
const COMPRESSED = {
  snappy: '430b282cf0e99ec90dd8700d7b6cfc3f3323dc10def587c5bd785721b574a27c',
  zstd: '715dc51ae156ef031c1ca9c47fdffc4a4acdd54e2a0a67a15b4123506569530e',
  none: '2c054103abce2c7e30b5869610ba41ea2c4c244b014c9ade9f436e1b2a6e6752',
}

describe('createParquetWriter', () => {
  test('hands each row group to the sink as soon as it is full, and nothing more', async () => {
    const sizes: number[] = []
    const writer = createParquetWriter({ schema, rowGroupRows: 10, sink: (chunk) => void sizes.push(chunk.length) })
    await writer.write(depth(9))
    expect(sizes).toHaveLength(0)
    await writer.write(depth(12))
    expect(sizes).toHaveLength(2)
    expect(await writer.close()).toEqual({ rows: 21 })
    expect(sizes).toHaveLength(4)
  })

  test('waits for a slow sink before it encodes the next row group', async () => {
    let open = 0
    let most = 0
    const writer = createParquetWriter({
      schema,
      rowGroupRows: 5,
      async sink() {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setTimeout(resolve, 1))
        open--
      },
    })
    await writer.write(depth(50))
    await writer.close()
    expect(most).toBe(1)
  })

  test('makes a file of no rows when nothing was written', async () => {
    const chunks: Uint8Array[] = []
    const writer = createParquetWriter({ schema, sink: (chunk) => void chunks.push(chunk) })
    expect(await writer.close()).toEqual({ rows: 0 })
    expect(await readParquetMetadata(Buffer.concat(chunks))).toMatchObject({ rows: 0, columns: schema.names })
  })

  test('ends with the error of the sink, and never writes a file with a hole', async () => {
    const full = new Error('disk full')
    let calls = 0
    const writer = createParquetWriter({
      schema,
      rowGroupRows: 5,
      sink() {
        if (++calls === 2) throw full
      },
    })
    await expect(writer.write(depth(20))).rejects.toBe(full)
    await expect(writer.write(depth(20))).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(writer.close()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(calls).toBe(2)
  })

  test('stops between row groups when aborted, with the reason given', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    let calls = 0
    const writer = createParquetWriter({
      schema,
      rowGroupRows: 5,
      signal: controller.signal,
      sink() {
        calls++
        controller.abort(reason)
      },
    })
    await expect(writer.write(depth(20))).rejects.toBe(reason)
    expect(calls).toBe(1)
    await expect(writer.close()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test.each([
    ['snappy', 'SNAPPY'],
    ['zstd', 'ZSTD'],
    ['none', 'UNCOMPRESSED'],
  ] as const)('compresses with %s', async (compression, codec) => {
    const chunks: Uint8Array[] = []
    const writer = createParquetWriter({ schema, compression, sink: (chunk) => void chunks.push(chunk) })
    const table = depth(20_000)
    await writer.write(table)
    await writer.close()
    const bytes = new Uint8Array(Buffer.concat(chunks))
    const { row_groups } = parquetMetadata(bytes)
    expect(row_groups[0]?.columns.every(({ meta_data }) => meta_data?.codec === codec)).toBe(true)
    const read = await readParquet(bytes)
    for (const name of ['depth', 'notional']) expect(floatValues(read, name)).toEqual(floatValues(table, name))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(COMPRESSED[compression])
  })

  test('compresses file after file with zstd, two of them at once, and all can be read', async () => {
    const table = depth(20_000)
    const written = async (): Promise<Buffer> => {
      const chunks: Uint8Array[] = []
      const writer = createParquetWriter({ schema, compression: 'zstd', sink: (chunk) => void chunks.push(chunk) })
      await writer.write(table)
      await writer.close()
      return Buffer.concat(chunks)
    }
    const files = [await written(), await written(), ...(await Promise.all([written(), written()])), await written()]
    for (const bytes of files) {
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(COMPRESSED.zstd)
      const rows = await parquetReadObjects({ file: asyncBuffer(bytes), compressors })
      expect(rows.map(({ depth: value }: Record<string, unknown>) => value)).toEqual([...floatValues(table, 'depth')])
    }
  })

  test('cannot be closed twice', async () => {
    const writer = createParquetWriter({ schema, sink: () => undefined })
    await writer.close()
    await expect(writer.close()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('refuses a table that lacks a column', async () => {
    const writer = createParquetWriter({ schema, sink: () => undefined })
    await expect(writer.write(depth(1).select(['ts_event', 'source']))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { column: 'ts_available' },
    })
  })

  test('refuses a table whose column has another type', async () => {
    const writer = createParquetWriter({ schema: tableSchema('metrics').select(['ts_event']), sink: () => undefined })
    const table = depth(1).select(['percentage'])
    const renamed = table.assign(table).setChild('ts_event', table.getChildAt(0) ?? expect.fail())
    await expect(writer.write(renamed)).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { column: 'ts_event' } })
  })

  test('leaves columns out that the schema does not have', async () => {
    const chunks: Uint8Array[] = []
    const narrow = schema.select(['ts_event', 'depth'])
    const writer = createParquetWriter({ schema: narrow, sink: (chunk) => void chunks.push(chunk) })
    await writer.write(depth(4))
    await writer.close()
    expect(Buffer.concat(chunks).equals(writeParquet(depth(4).select(['ts_event', 'depth'])))).toBe(true)
  })
})

function depth(rows: number): LakeTable<'bookDepth'> {
  return makeTable(schema, {
    ts_event: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)),
    ts_available: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)),
    source: constantWord('archive', rows),
    percentage: new Float64Array(rows).fill(-5),
    depth: Float64Array.from({ length: rows }, (_, row) => row / 3),
    notional: Float64Array.from({ length: rows }, (_, row) => row * 1.1),
  })
}

/** A copy in memory of its own, as hyparquet reads it. */
function asyncBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
