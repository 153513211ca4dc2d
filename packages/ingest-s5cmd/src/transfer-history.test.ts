import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { readTransferHistory, saveTransferReport, STORED_FILES } from './transfer-history.ts'
import { reportBuilder, type TransferReport } from './transfer-report.ts'
import { emptyTally } from './transfer-tally.ts'

describe('the history of transfers', () => {
  test('is empty in a new lake', async () => {
    const none = { runs: 0, megabytesPerSecond: 0, change: 0 }
    expect(await readTransferHistory({ store: memoryStore() })).toEqual({
      ...{ reports: [], unreadable: [] },
      trend: { direct: none, traditional: none, bytesKeptOffClient: 0 },
    })
  })

  test('is in the order of time, and compares the ways by their medians', async () => {
    const store = memoryStore()
    const runs = [['direct', 1], ['traditional', 4], ['direct', 2], ['direct', 0.5], ['traditional', 2]] as const // prettier-ignore
    for (const [index, [mode, seconds]] of runs.entries())
      await saveTransferReport(store, reportOf(index, mode, seconds))
    const { reports, trend } = await readTransferHistory({ store })
    expect(reports.map(({ id }) => id)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4'])
    expect(reports[3]).toEqual(reportOf(3, 'direct', 0.5))
    expect(trend.direct).toEqual({ runs: 3, megabytesPerSecond: 1, change: 2 / 0.75 - 1 })
    expect(trend.traditional).toEqual({ runs: 2, megabytesPerSecond: 0.375, change: 1 })
    expect(trend.speedup).toBe(1 / 0.375)
    expect(trend.bytesKeptOffClient).toBeCloseTo(0.6)
    expect((await readTransferHistory({ store, last: 2 })).reports.map(({ id }) => id)).toEqual(['r3', 'r4'])
  })

  test.each(['{', '[]', 'null', '{"id":"x"}', '{"id":"x","modes":{"direct":1},"byFile":[]}', '\xff'])(
    'a report that is %j is named, not believed',
    async (text) => {
      const store = memoryStore()
      const key = '_lake/reports/transfers/2024-01-01T000000.000Z-x.json'
      await store.put(key, Buffer.from(text, 'latin1'))
      await store.put('_lake/reports/transfers/readme.txt', Buffer.from('x'))
      expect(await readTransferHistory({ store })).toMatchObject({ reports: [], unreadable: [key] })
    },
  )

  test('a report of very many files is stored with those that went wrong first', async () => {
    const store = memoryStore()
    const builder = reportBuilder({ id: 'many', startedAt: '2024-01-01T00:00:00.000Z', mode: 'auto' })
    const count = STORED_FILES + 5
    for (let index = 0; index < count; index++) {
      const isLast = index === count - 1
      const error = { code: 'NOT_FOUND', message: 'gone' }
      const common = { key: `k${index}`, mode: 'direct', reason: 'x' } as const
      builder.add(isLast ? { ...common, state: 'failed', error } : { ...common, state: 'unverified' }, 1, 1)
    }
    await saveTransferReport(store, builder.finish({ complete: true, seconds: 1, tally: emptyTally(), fallbacks: 0 }))
    const { reports } = await readTransferHistory({ store })
    expect(reports[0]).toMatchObject({ files: count, failed: 1, byFileOmitted: 5 })
    expect(reports[0]?.byFile).toHaveLength(STORED_FILES)
    expect(reports[0]?.byFile[0]).toMatchObject({ key: `k${count - 1}`, state: 'failed' })
  })
})

function reportOf(index: number, mode: 'direct' | 'traditional', seconds: number): TransferReport {
  const builder = reportBuilder({ id: `r${index}`, startedAt: `2024-01-0${index + 1}T00:00:00.000Z`, mode: 'auto' })
  builder.add({ key: 'k', mode, reason: 'x', state: 'unverified' }, 1e6, 1)
  const bytesThroughClient = mode === 'direct' ? 0 : 1e6
  return builder.finish({ complete: true, seconds, tally: { ...emptyTally(), bytesThroughClient }, fallbacks: 0 })
}
