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
