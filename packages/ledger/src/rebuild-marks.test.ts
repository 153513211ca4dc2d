import { LakeError, parseDatasetId, rebuildKey } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { listRebuildMarks, readRebuildMarks, type RebuildMark, updateRebuildMarks } from './rebuild-marks.ts'

const DATASET = parseDatasetId('binance/spot/klines/币安人生USDT/1m')

describe('the marks for rebuilding', () => {
  test('are none at first, and then what was marked, by key', async () => {
    const store = memoryStore()
    expect(await readRebuildMarks(store, DATASET)).toEqual([])
    await updateRebuildMarks(store, DATASET, () => [mark('b'), mark('a', { sha256: 'a'.repeat(64) })])
    expect(await readRebuildMarks(store, DATASET)).toEqual([mark('a', { sha256: 'a'.repeat(64) }), mark('b')])
    expect(await listed(store)).toEqual([['币安人生USDT', 2]])
    await updateRebuildMarks(store, DATASET, () => [])
    expect(await listed(store)).toEqual([])
  })

  test('are not written when nothing differs', async () => {
    const store = memoryStore()
    await updateRebuildMarks(store, DATASET, (marks) => marks)
    expect(await store.head(rebuildKey(DATASET))).toBeUndefined()
  })

  test('lose nothing of writers at the same time', async () => {
    const store = memoryStore()
    const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`)
    await Promise.all(keys.map((key) => updateRebuildMarks(store, DATASET, (marks) => [...marks, mark(key)])))
    expect((await readRebuildMarks(store, DATASET)).map(({ sourceKey }) => sourceKey)).toEqual(keys)
  })

  test.each(['CONFLICT', 'NO_SPACE'] as const)('end when a put fails with %s for good', async (code) => {
    const store = faultyStore(memoryStore(), {
      fail: (operation) => (operation === 'put' ? new LakeError(code, 'The put is refused.') : undefined),
    })
    await expect(updateRebuildMarks(store, DATASET, () => [mark('a')])).rejects.toMatchObject({ code })
  })

  test.each(['', '{"format":2,"dataset":"x","marks":[]}', '{"format":1,"dataset":"x","marks":[{"sourceKey":"a"}]}'])(
    'name what cannot be read: %s',
    async (text) => {
      const store = memoryStore()
      await store.put(rebuildKey(DATASET), Buffer.from(text))
      const details = { key: rebuildKey(DATASET) }
      await expect(readRebuildMarks(store, DATASET)).rejects.toMatchObject({ code: 'CORRUPT_LAKE', details })
    },
  )

  test('stop when aborted, and pass failures of the store', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(readRebuildMarks(memoryStore(), DATASET, { signal })).rejects.toThrow('enough')
    const cause = new LakeError('UNAVAILABLE', 'away')
    const store = faultyStore(memoryStore(), { fail: () => cause })
    await expect(readRebuildMarks(store, DATASET)).rejects.toBe(cause)
  })
})

async function listed(store: Parameters<typeof listRebuildMarks>[0]): Promise<[string, number][]> {
  const found: [string, number][] = []
  for await (const { dataset, marks } of listRebuildMarks(store)) found.push([dataset.symbol, marks.length])
  return found
}

function mark(sourceKey: string, more: Partial<RebuildMark> = {}): RebuildMark {
  return { sourceKey, label: '2024-01', partitions: ['silver/x.parquet'], markedAt: 1, ...more }
}
