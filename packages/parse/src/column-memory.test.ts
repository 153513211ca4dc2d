import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createColumnMemory, formatDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import type { Table } from 'apache-arrow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseArchiveFile } from './index.ts'

const ARCHIVE = fileURLToPath(new URL('../../../fixtures/archive/', import.meta.url))

const FILES = readdirSync(ARCHIVE, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
  const parsed = name.endsWith('.zip') ? binance.archive?.parseKey(name) : undefined
  if (parsed === undefined) return []
  return [{ ...parsed, name, bytes: readFileSync(ARCHIVE + name), formats: binance.formats ?? [] }]
})

test('tables are the same in memory that held others before', async () => {
  expect(new Set(FILES.map(({ dataset }) => formatDatasetId(dataset))).size).toBeGreaterThan(3)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...FILES), { minLength: 2, maxLength: 6 }), async (files) => {
      const memory = createColumnMemory()
      for (const file of files) {
        const { table } = await parseArchiveFile({ ...file, memory })
        const alone = await parseArchiveFile(file)
        expect(bytesOf(table).equals(bytesOf(alone.table))).toBe(true)
        memory.reuse()
      }
    }),
    { numRuns: 10 },
  )
})

test('a table stays as it is until its memory is reused', async () => {
  const [first, second] = FILES.filter(({ dataset }) => dataset.dataType === 'klines')
  if (first === undefined || second === undefined) throw new Error('The fixtures have no two files of klines.')
  const memory = createColumnMemory()
  const { table } = await parseArchiveFile({ ...first, memory })
  const before = bytesOf(table)
  const other = await parseArchiveFile({ ...second, memory })
  expect(bytesOf(table).equals(before)).toBe(true)
  expect(bytesOf(other.table).equals(before)).toBe(false)
})

test('memory is given again once it may be, where it is about as large as asked for', () => {
  const memory = createColumnMemory()
  const first = memory.take(1000)
  expect(first.byteLength).toBeGreaterThanOrEqual(1000)
  expect(memory.take(1000)).not.toBe(first)
  memory.reuse()
  expect(memory.take(900)).toBe(first)
  expect(memory.take(100).byteLength).toBeLessThan(200)
})

test('so much memory is kept for the next tables and no more', () => {
  const memory = createColumnMemory()
  const taken = new Set(Array.from({ length: 40 }, () => memory.take(2 ** 20)))
  memory.reuse()
  const again = Array.from({ length: 40 }, () => memory.take(2 ** 20)).filter((one) => taken.has(one))
  const kept = again.reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(kept).toBeGreaterThan(8 * 2 ** 20)
  expect(kept).toBeLessThanOrEqual(2 ** 24)
  const large = memory.take(2 ** 21)
  memory.reuse()
  expect(memory.take(2 ** 21)).not.toBe(large)
})

/** A copy of the values of all columns, and where they are null. */
function bytesOf(table: Table): Buffer {
  const parts: Uint8Array[] = []
  for (const { values, nullBitmap } of table.batches.flatMap(({ data }) => data.children)) {
    const arrays: readonly unknown[] = [values, nullBitmap]
    for (const one of arrays) {
      if (ArrayBuffer.isView(one)) parts.push(new Uint8Array(one.buffer, one.byteOffset, one.byteLength))
    }
  }
  return Buffer.concat(parts)
}
