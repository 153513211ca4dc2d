import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatValues, parseDatasetId, parseInstant, readObject, wordValues } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { readParquet } from '@lake/parquet'
import { fileStore, memoryStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineLake, type Lake, type LakePolicy, listRestatements, runPipeline, updateLake } from './index.ts'
import { copySample, MINUTES, SAMPLE } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAY = `${MINUTES}/BTCUSDT-1m-2020-01-03.zip`
const SILVER = 'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2020-01/2020-01.parquet'
const [ARCHIVED, SERVED] = [7344.96, 7340.5]

let folder: string
let venue: Venue

/** A venue whose last bar has another close than the archive's. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-policy-'))
  const other = await copySample()
  await restateFile(other, DAY, (csv) => csv.replace('7344.96000000,162.22', '7340.50000000,162.22'))
  const rows = rowsFromArchive(await readObject(other, DAY), parseDatasetId(DATASET))
  venue = await startVenue({ rows, now: () => parseInstant('2020-01-04') })
})

afterAll(async () => {
  await venue.close()
  await rm(folder, { recursive: true })
})

const lakeWith = (policy?: LakePolicy, store = memoryStore()): Lake =>
  defineLake({
    lake: store,
    policy,
    venues: { urls: { binance: venue.url }, budgetFolder: folder },
    now: () => parseInstant('2020-01-04'),
  })

const archive = fileStore({ root: SAMPLE })

async function run(lake: Lake) {
  const { datasets, failures } = await runPipeline(lake, { source: archive, datasets: [DATASET], gold: ['1d'] })
  for (const { error } of failures) throw error
  return datasets[0]
}

/** Asks the venue for the last hour again, and brings what came into silver. */
async function correct(lake: Lake) {
  const { failures } = await updateLake(lake, { datasets: [DATASET] })
  for (const { error } of failures) throw error
  return run(lake)
}

/** The last close, where it came from, and the policy that the manifest records. */
async function lastBar({ store, ledger }: Lake): Promise<[close: number | undefined, source: string, policy: unknown]> {
  const table = await readParquet(await readObject(store, SILVER))
  const { codes, words } = wordValues(table, 'source')
  let policy: unknown
  for await (const { series, files } of ledger.manifests())
    if (series.layer === 'silver') policy = files[0]?.options['policy']
  return [floatValues(table, 'close').at(-1), words[codes.at(-1) ?? 0] ?? '', policy]
}

describe('a lake whose sources differ', () => {
  test('believes the archive first, and counts the conflict', async () => {
    const lake = lakeWith()
    await run(lake)
    const corrected = await correct(lake)
    expect(corrected).toMatchObject({ restated: [], counts: { conflicting_close: 1 } })
    expect(corrected?.conflicts).toEqual([
      {
        ...{ label: '2020-01', key: parseInstant('2020-01-03T23:59:00Z'), column: 'close' },
        kept: { name: `bronze/binance/archive/${DAY}`, value: ARCHIVED },
        dropped: { name: expect.stringMatching(/^bronze\/binance\/rest\/.*\.page$/) as unknown, value: 7340.5 },
      },
    ])
    // The manifest keeps them, so a run that has nothing to do tells them too.
    expect((await run(lake))?.conflicts).toEqual(corrected?.conflicts)
    expect(await lastBar(lake)).toEqual([ARCHIVED, 'archive', 'archive-first'])
    expect(await listRestatements(lake)).toEqual([])
  })

  test.each(['rest-first', 'newest'] as const)(
    '%s lets the venue correct it, which is a restatement',
    async (policy) => {
      const lake = lakeWith(policy)
      await run(lake)
      const restated = (await correct(lake))?.restated
      expect(restated).toMatchObject([
        { key: SILVER, diff: { changed: 1, first: [{ columns: { close: { before: ARCHIVED, after: SERVED } } }] } },
        { key: expect.stringContaining('gold/bars') as unknown, diff: { changed: 1 } },
      ])
      expect(await lastBar(lake)).toEqual([SERVED, 'rest', policy])
    },
  )

  test('keeps the policy of a partition where none is named, and another one makes it anew', async () => {
    const store = memoryStore()
    const chosen = lakeWith('rest-first', store)
    await run(chosen)
    await correct(chosen)
    expect(await run(lakeWith(undefined, store))).toMatchObject({ partitions: 0 })
    expect(await lastBar(chosen)).toEqual([SERVED, 'rest', 'rest-first'])
    const changed = await run(lakeWith('archive-first', store))
    expect(changed?.restated.map(({ diff }) => diff.changed)).toEqual([1, 1])
    expect(await lastBar(chosen)).toEqual([ARCHIVED, 'archive', 'archive-first'])
  })

  test("takes a policy of somebody's own by its name, and refuses to guess at one that it does not know", async () => {
    const store = memoryStore()
    const mine: LakePolicy = {
      name: 'venue-knows-best',
      compare: (a, b) => Number(b.source === 'rest') - Number(a.source === 'rest'),
    }
    const lake = lakeWith(mine, store)
    await run(lake)
    await correct(lake)
    expect(await lastBar(lake)).toEqual([SERVED, 'rest', 'venue-knows-best'])
    await expect(run(lakeWith(undefined, store))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { policy: 'venue-knows-best' },
    })
    expect(await run(lake)).toMatchObject({ partitions: 0 })
  })
})
