import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatValues, makeTable } from '@lake/core'
import { Field, Float64, Schema } from 'apache-arrow'
import { expect, onTestFinished, test } from 'vitest'
import { readParquet, writeParquet } from './index.ts'

const schema = new Schema([new Field('price', new Float64(), false)])

test.each([
  ['bytes', 1000],
  ['path', 1000],
  ['bytes', 40_000],
  ['path', 40_000],
])(
  'a number that is another one is found by its checksum, unless that is ignored: %s of %d numbers',
  async (by, rows) => {
    const prices = Float64Array.from({ length: rows }, (_, row) => Math.sqrt(row + 2))
    const bytes = Buffer.from(writeParquet(makeTable(schema, { price: prices }), { compression: 'none' }))
    const at = bytes.indexOf(Buffer.from(prices.buffer, 8 * (rows - 300), 8))
    bytes.writeDoubleLE(-1, at)
    const folder = mkdtempSync(join(tmpdir(), 'lake-checksums-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const path = join(folder, 'prices.parquet')
    writeFileSync(path, bytes)
    const source = by === 'path' ? path : bytes
    const damaged = { code: 'CORRUPT_LAKE', message: expect.stringContaining('checksum') as string }
    await expect(readParquet(source)).rejects.toMatchObject(damaged)
    await expect(readParquet(source, { checksums: 'compare' })).rejects.toMatchObject(damaged)
    const table = await readParquet(source, { schema, checksums: 'ignore' })
    expect(floatValues(table, 'price')).toEqual(prices.with(rows - 300, -1))
  },
)
