import { failedMonthsKey, parseDatasetId } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { type FailedMonth, readFailedMonths, recordFailedMonths } from './failed-months.ts'

const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')

function failure(month: string, more: Partial<FailedMonth> = {}): FailedMonth {
  return { month, code: 'BAD_ARCHIVE', message: 'It is no zip.', failedAt: 1, ...more }
}

test('months that failed are remembered in order, as they first did, until they are done', async () => {
  const store = memoryStore()
  expect(await readFailedMonths(store, dataset)).toEqual([])
  await recordFailedMonths(store, dataset, { failed: [], done: ['2024-01'] })
  expect(await store.head(failedMonthsKey(dataset))).toBeUndefined()
  await recordFailedMonths(store, dataset, { failed: [failure('2024-03'), failure('2024-01')], done: [] })
  const before = await store.head(failedMonthsKey(dataset))
  await recordFailedMonths(store, dataset, { failed: [failure('2024-03', { failedAt: 2 })], done: ['2024-02'] })
  expect((await store.head(failedMonthsKey(dataset)))?.etag).toBe(before?.etag)
  const other = failure('2024-03', { message: 'Its checksum is another.', failedAt: 3 })
  await recordFailedMonths(store, dataset, { failed: [other], done: [] })
  expect(await readFailedMonths(store, dataset)).toEqual([failure('2024-01'), other])
  await recordFailedMonths(store, dataset, { failed: [], done: ['2024-01', '2024-03'] })
  expect(await readFailedMonths(store, dataset)).toEqual([])
})

test('files are remembered beside each other, and forgotten by the runs that looked at them', async () => {
  const store = memoryStore()
  const [first, second] = [failure('2024-01', { file: 'a/01.zip' }), failure('2024-01', { file: 'a/02.zip' })]
  await recordFailedMonths(store, dataset, { failed: [second, first, failure('2024-02')], done: ['2024-01'] })
  expect(await readFailedMonths(store, dataset)).toEqual([first, second, failure('2024-02')])
  const again = { ...second, failedAt: 2 }
  const isOutside = ({ file }: FailedMonth): boolean => file === first.file
  await recordFailedMonths(store, dataset, { failed: [again], done: ['2024-01', '2024-02'], isOutside })
  expect(await readFailedMonths(store, dataset)).toEqual([first, second])
  await recordFailedMonths(store, dataset, { failed: [], done: ['2024-01'] })
  expect(await readFailedMonths(store, dataset)).toEqual([])
})

test('two runs at once lose no failure', async () => {
  const store = memoryStore()
  const months = ['01', '02', '03', '04', '05', '06'].map((month) => `2024-${month}`)
  await Promise.all(
    months.map(async (month) => recordFailedMonths(store, dataset, { failed: [failure(month)], done: [] })),
  )
  expect((await readFailedMonths(store, dataset)).map(({ month }) => month)).toEqual(months)
})

test('a damaged file is named, and what to do', async () => {
  const store = memoryStore()
  await store.put(failedMonthsKey(dataset), new TextEncoder().encode('{"format":1}'))
  await expect(readFailedMonths(store, dataset)).rejects.toMatchObject({
    code: 'CORRUPT_LAKE',
    details: { key: failedMonthsKey(dataset) },
  })
})
