import { LakeError, parseDatasetId, sourceInventoryKey } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { listSourceDatasets, readSourceRecords, type SourceRecord, updateSourceRecords } from './source-inventory.ts'

const DATASET = parseDatasetId('binance/spot/klines/币安人生USDT/1m')

describe('the inventory of a source', () => {
  test('is empty before anybody looked, and gives back what was recorded, by key', async () => {
    const store = memoryStore()
    expect(await readSourceRecords(store, DATASET)).toEqual([])
    await updateSourceRecords(store, DATASET, () => [
      record('b'),
      record('a', { sha256: 'a'.repeat(64), vanishedAt: 3 }),
    ])
    expect((await readSourceRecords(store, DATASET)).map(({ key }) => key)).toEqual(['a', 'b'])
    const found: string[] = []
    for await (const dataset of listSourceDatasets(store, 'binance')) found.push(dataset.symbol)
    expect(found).toEqual(['币安人生USDT'])
    for await (const _ of listSourceDatasets(store, 'okx')) expect.fail('okx was never looked at')
  })

  test('writes nothing when nothing differs', async () => {
    const store = memoryStore()
    await updateSourceRecords(store, DATASET, () => [record('a')])
    const before = await store.head(sourceInventoryKey(DATASET))
    await updateSourceRecords(store, DATASET, (known) => [...known])
    expect(await store.head(sourceInventoryKey(DATASET))).toEqual(before)
  })

  test('loses nothing of writers at the same time', async () => {
    const store = memoryStore()
    const keys = Array.from({ length: 10 }, (_, index) => `key-${index}`)
    await Promise.all(keys.map((key) => updateSourceRecords(store, DATASET, (known) => [...known, record(key)])))
    expect((await readSourceRecords(store, DATASET)).map(({ key }) => key)).toEqual(keys)
  })

  test('gives up when others always come first, and passes other failures through', async () => {
    const failing = (code: 'CONFLICT' | 'NO_SPACE') =>
      faultyStore(memoryStore(), {
        fail: (operation) => (operation === 'put' ? new LakeError(code, 'The put is refused.') : undefined),
      })
    const update = () => [record('a')]
    await expect(updateSourceRecords(failing('CONFLICT'), DATASET, update)).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(updateSourceRecords(failing('NO_SPACE'), DATASET, update)).rejects.toMatchObject({ code: 'NO_SPACE' })
  })

  test.each(['', '{', '{"format":2,"dataset":"x","files":[]}', '{"format":1,"dataset":"x","files":[{"key":"a"}]}'])(
    'names what cannot be read: %s',
    async (text) => {
      const store = memoryStore()
      await store.put(sourceInventoryKey(DATASET), Buffer.from(text))
      const reading = readSourceRecords(store, DATASET)
      await expect(reading).rejects.toMatchObject({
        code: 'CORRUPT_LAKE',
        details: { key: sourceInventoryKey(DATASET) },
      })
    },
  )

  test('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(readSourceRecords(memoryStore(), DATASET, { signal })).rejects.toThrow('enough')
  })
})

function record(key: string, more: Partial<SourceRecord> = {}): SourceRecord {
  return { key, label: '2024-01', size: 1, etag: 'e', firstSeen: 1, changedAt: 1, ...more }
}
