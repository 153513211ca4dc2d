import { LakeError, type ObjectStore, parseInstant, parseTimeRange, readObject, versionKey } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { readRun } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, listRestatements, runPipeline } from './index.ts'
import { contentOf, copySample, MINUTES } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'

/** What a run that fails leaves as it is; it does note the failure. */
const KEPT = ['bronze/', 'silver/', 'gold/', '_lake/manifests/', '_lake/inventory/', '_lake/versions/']
const LAST_DAY = `${MINUTES}/BTCUSDT-1m-2020-01-03.zip`
const SERIES = 'exchange=binance/market=spot/symbol=BTCUSDT'
const SILVER = `silver/klines/${SERIES}/interval=1m/month=2020-01/2020-01.parquet`
const GOLD = ['5m', '1h', '1d'].map(
  (interval) => `gold/bars/${SERIES}/interval=${interval}/month=2020-01/2020-01.parquet`,
)

let archive: ObjectStore
let store: ObjectStore
let time: number
let lake: Lake

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
  time = parseInstant('2020-02-01')
  lake = defineLake({ lake: store, now: () => time })
})

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1)

const run = async (into: Lake = lake) => {
  const { datasets, failures } = await runPipeline(into, { source: archive, datasets: [DATASET] })
  for (const { error } of failures) throw error
  return datasets[0]?.restated ?? []
}

/** The close of the last minute, and so of the last bar of each interval. */
const correctLastClose = (close: string) =>
  restateFile(archive, LAST_DAY, (csv) => csv.replace('7344.96000000,162.22', `${close},162.22`))

describe('a republished file', () => {
  test('is told row by row, with the bars that follow from it, by the run, its record and the list', async () => {
    expect(await run()).toEqual([])
    await correctLastClose('7340.50000000')
    time = parseInstant('2020-03-01')
    const restated = await run()
    expect(restated.map(({ key }) => key)).toEqual([SILVER, ...GOLD])
    const [silver, ...gold] = restated
    expect(silver?.inputs.map(({ key, before }) => [key.split('/').at(-1), before?.length])).toEqual([
      [expect.stringMatching(/^BTCUSDT-1m-2020-01-03\.restated-[0-9a-f]+\.zip$/), undefined],
      ['BTCUSDT-1m-2020-01-03.zip', 64],
    ])
    const close = { before: 7344.96, after: 7340.5 }
    expect(silver?.diff).toMatchObject({
      ...{ same: 4319, changed: 1, added: 0, removed: 0, changedColumns: { close: 1 } },
      first: [{ change: 'changed', time: parseInstant('2020-01-03T23:59:00Z'), columns: { close } }],
    })
    for (const { diff, inputs } of gold) {
      expect(diff).toMatchObject({ changed: 1, changedColumns: { close: 1 }, first: [{ columns: { close } }] })
      expect(inputs).toEqual([{ key: SILVER, before: silver?.before, after: silver?.after }])
    }
    const listed = await listRestatements(lake)
    expect(listed.map(({ report }) => report)).toEqual([silver, ...gold.toSorted(byKey)])
    expect(listed[0]).toMatchObject({ supersededAt: time, committedAt: parseInstant('2020-02-01') })
    const old = await readParquet(await readObject(store, versionKey(silver?.before ?? '')))
    expect(old.numRows).toBe(4320)
    const lineage = await lake.ledger.lineage(SILVER)
    expect(await readRun(store, lineage.commit?.run ?? '')).toMatchObject({
      command: 'run',
      datasets: [{ id: DATASET, restated: [{ key: SILVER }, {}, {}, {}] }],
    })
  })

  test('with the same rows restates nothing and keeps no version', async () => {
    await run()
    await restateFile(archive, LAST_DAY, (csv) => `${csv.trimEnd()}\n\n`.replace(/\n\n$/, '\r\n'))
    expect(await run()).toEqual([])
    expect(await listRestatements(lake)).toEqual([])
  })

  test('whose CHECKSUM alone was changed is refused, and the month is told as it stands', async () => {
    await run()
    const held = await contentOf(store, ...KEPT)
    await archive.put(
      `${LAST_DAY}.CHECKSUM`,
      new TextEncoder().encode(`${'0'.repeat(64)}  BTCUSDT-1m-2020-01-03.zip\n`),
    )
    const { datasets, failures } = await runPipeline(lake, { source: archive, datasets: [DATASET] })
    expect(failures).toMatchObject([{ month: '2020-01', error: { code: 'CHECKSUM_MISMATCH' } }])
    expect(datasets).toMatchObject([{ rows: 4320, partitions: 0, gaps: 0, restated: [], last: '2020-01-03T23:59:00Z' }])
    expect(await contentOf(store, ...KEPT)).toEqual(held)
  })

  test('is listed by dataset and time', async () => {
    await run()
    await correctLastClose('7340.50000000')
    await run()
    expect(await listRestatements(lake, { datasets: [DATASET] })).toHaveLength(4)
    expect(await listRestatements(lake, { datasets: ['binance/spot/klines/ETHUSDT/1m'] })).toEqual([])
    expect(await listRestatements(lake, { range: parseTimeRange('2020-01-01', '2020-02-01') })).toHaveLength(4)
    expect(await listRestatements(lake, { range: parseTimeRange('2020-02-01', '2020-03-01') })).toEqual([])
  })
})

describe('a restatement that is cut off', () => {
  /** The lake of a process that dies when it puts an object. */
  const dyingAt = (isIt: (key: string) => boolean): Lake =>
    defineLake({
      lake: faultyStore(store, {
        fail: (operation, key) =>
          operation === 'put' && isIt(key) ? new LakeError('STORE_FAILED', 'killed') : undefined,
      }),
      now: () => time,
    })

  test.each([
    ['before the file', (key: string) => key === SILVER],
    ['between file and manifest', (key: string) => key.startsWith('_lake/manifests/klines/')],
    ['before the gold', (key: string) => key === GOLD[1]],
  ])('%s is told all the same by the run that completes it', async (_, isIt) => {
    await run()
    await correctLastClose('7340.50000000')
    await expect(run(dyingAt(isIt))).rejects.toThrow('killed')
    await run()
    const listed = await listRestatements(lake)
    expect(listed.map(({ key }) => key)).toEqual([SILVER, ...GOLD.toSorted()])
    expect(listed.every(({ report }) => report?.diff.changed === 1)).toBe(true)
  })

  test('and never finished is not told, though its report lies in the lake', async () => {
    await run()
    await correctLastClose('7340.50000000')
    await expect(run(dyingAt((key) => key === SILVER))).rejects.toThrow('killed')
    expect(await listRestatements(lake)).toEqual([])
    await correctedAgain()
    const [first] = await listRestatements(lake)
    expect(first?.report?.diff.first[0]?.columns?.['close']).toEqual({ before: 7344.96, after: 7341 })
  })

  const correctedAgain = async (): Promise<void> => {
    await restateFile(archive, LAST_DAY, (csv) => csv.replace('7340.50000000,162.22', '7341.00000000,162.22'))
    await run()
  }

  test('a report that is damaged is named', async () => {
    await run()
    await correctLastClose('7340.50000000')
    await run()
    for await (const { key } of store.list({ prefix: '_lake/reports/restatements/klines/' })) {
      await store.put(key, new TextEncoder().encode('{}'))
    }
    await expect(listRestatements(lake)).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
    for await (const { key } of store.list({ prefix: '_lake/reports/' })) await store.delete(key)
    expect(await listRestatements(lake)).toMatchObject([{}, {}, {}, {}].map(() => ({ report: undefined })))
  })
})
