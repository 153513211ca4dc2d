import { type KnownOutage, outagesKey } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { readLearnedOutages, recordLearnedOutages } from './learned-outages.ts'

const outage = (from: number): KnownOutage => ({
  range: { from, to: from + 60 },
  markets: ['spot'],
  evidence: '3 symbols silent together',
})

const add =
  (...more: KnownOutage[]) =>
  (known: readonly KnownOutage[]): KnownOutage[] => [...known, ...more]

test('what was learned is kept by venue, and the new ones are told', async () => {
  const store = memoryStore()
  expect(await readLearnedOutages(store, 'binance')).toEqual([])
  expect(await recordLearnedOutages(store, 'binance', add())).toEqual([])
  expect(await store.head(outagesKey('binance'))).toBeUndefined()
  expect(await recordLearnedOutages(store, 'binance', add(outage(0)))).toEqual([outage(0)])
  expect(await recordLearnedOutages(store, 'binance', add(outage(60)))).toEqual([outage(60)])
  expect(await readLearnedOutages(store, 'binance')).toEqual([outage(0), outage(60)])
  expect(await readLearnedOutages(store, 'okx')).toEqual([])
})

test('two runs at once lose nothing', async () => {
  const store = memoryStore()
  const runs = Array.from({ length: 8 }, (_, index) => recordLearnedOutages(store, 'binance', add(outage(index * 60))))
  expect((await Promise.all(runs)).flat()).toHaveLength(8)
  expect(await readLearnedOutages(store, 'binance')).toHaveLength(8)
})

test('a damaged file is named, and what to do', async () => {
  const store = memoryStore()
  await store.put(outagesKey('binance'), new TextEncoder().encode('{"format":1}'))
  await expect(readLearnedOutages(store, 'binance')).rejects.toMatchObject({
    code: 'CORRUPT_LAKE',
    details: { key: outagesKey('binance') },
  })
})
