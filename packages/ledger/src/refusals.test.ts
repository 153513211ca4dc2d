import { parseDatasetId, refusalKey } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { readRefusals, recordRefusals, type Refusal } from './refusals.ts'

const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')

function refusal(from: number, more: Partial<Refusal> = {}): Refusal {
  return { source: 'rest', from, to: from + 60, evidence: 'e1', askedAt: 1, ...more }
}

test('what a source refused is remembered in order of time, the newest word of each stretch', async () => {
  const store = memoryStore()
  expect(await readRefusals(store, dataset)).toEqual([])
  await recordRefusals(store, dataset, [])
  expect(await store.head(refusalKey(dataset))).toBeUndefined()
  await recordRefusals(store, dataset, [refusal(120), refusal(0)])
  await recordRefusals(store, dataset, [refusal(120, { evidence: 'e2', askedAt: 2 }), refusal(0, { source: 'other' })])
  expect(await readRefusals(store, dataset)).toEqual([
    refusal(0, { source: 'other' }),
    refusal(0),
    refusal(120, { evidence: 'e2', askedAt: 2 }),
  ])
})

test('two heals at once lose no refusal', async () => {
  const store = memoryStore()
  await Promise.all(Array.from({ length: 8 }, (_, index) => recordRefusals(store, dataset, [refusal(index * 60)])))
  expect(await readRefusals(store, dataset)).toHaveLength(8)
})

test('a damaged file is named, and what to do', async () => {
  const store = memoryStore()
  await store.put(refusalKey(dataset), new TextEncoder().encode('{"format":1}'))
  await expect(readRefusals(store, dataset)).rejects.toMatchObject({
    code: 'CORRUPT_LAKE',
    details: { key: refusalKey(dataset) },
  })
})
