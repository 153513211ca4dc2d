import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readObject } from '@lake/core'
import { openLedger, sha256Of } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { fileStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCrashChild, type ChildEnd, type RunChild, spreadMoments } from './testing/build-crash-child.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'

/** Moments to die at: 15 spread by a seed, or with `LAKE_NIGHTLY=1` a hundred. */
const DEATHS = process.env['LAKE_NIGHTLY'] === '1' ? 100 : 15
const SEED = Number(process.env['LAKE_SEED'] ?? 20_261_123)

let folder: string
let runChild: RunChild
let moments: number
let wholeMillis: number
let expected: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-crash-'))
  runChild = await buildCrashChild(folder)
  const whole = join(folder, 'whole')
  const started = performance.now()
  const { signal, stdout } = await run(whole)
  wholeMillis = performance.now() - started
  expect(signal).toBeNull()
  moments = Number(stdout)
  expected = await contentOf(fileStore({ root: whole }), 'bronze/', 'silver/', 'gold/')
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('a run that is killed with SIGKILL', () => {
  test('has many moments to die at', () => {
    expect(moments).toBeGreaterThan(100)
    expect(Object.keys(expected).length).toBeGreaterThan(20)
  })

  test.each(spreadMoments(DEATHS, SEED))(
    'at %d per mille leaves whole partitions, and ends in the same bytes',
    async (perMille) => {
      const lake = join(folder, `killed-${perMille}`)
      const moment = 1 + Math.floor((perMille / 1000) * moments)
      expect((await run(lake, moment)).signal).toBe('SIGKILL')
      await expectWholePartitions(lake)
      expect((await run(lake)).signal).toBeNull()
      expect(await contentOf(fileStore({ root: lake }), 'bronze/', 'silver/', 'gold/')).toEqual(expected)
      await expectManifestsTrue(lake)
      await rm(lake, { recursive: true })
    },
    60_000,
  )

  test.each([0.3, 0.6, 0.9])(
    'after %d of its time, wherever that is, too',
    async (part) => {
      const lake = join(folder, `killed-after-${part}`)
      await run(lake, undefined, Math.round(part * wholeMillis))
      await expectWholePartitions(lake)
      expect((await run(lake)).signal).toBeNull()
      expect(await contentOf(fileStore({ root: lake }), 'bronze/', 'silver/', 'gold/')).toEqual(expected)
      await expectManifestsTrue(lake)
    },
    60_000,
  )

  test('again and again still ends in the same bytes', async () => {
    const lake = join(folder, 'killed-often')
    for (const perMille of [50, 200, 350, 500, 650, 800, 950]) {
      await run(lake, 1 + Math.floor((perMille / 1000) * moments))
      await expectWholePartitions(lake)
    }
    expect((await run(lake)).signal).toBeNull()
    expect(await contentOf(fileStore({ root: lake }), 'bronze/', 'silver/', 'gold/')).toEqual(expected)
    await expectManifestsTrue(lake)
  }, 120_000)
})

/** Every Parquet file that is there is one of the whole run, or an earlier whole one of the same partition. */
async function expectWholePartitions(lake: string): Promise<void> {
  const store = fileStore({ root: lake })
  for (const prefix of ['silver/', 'gold/']) {
    for await (const { key } of store.list({ prefix })) {
      expect(expected).toHaveProperty([key])
      const table = await readParquet(await readObject(store, key))
      expect(table.numRows).toBeGreaterThan(0)
    }
  }
}

async function expectManifestsTrue(lake: string): Promise<void> {
  const store = fileStore({ root: lake })
  const known: string[] = []
  for await (const { files } of openLedger(store).manifests()) {
    for (const file of files) {
      known.push(file.key)
      expect((await store.head(file.key))?.etag).toBe(file.etag)
      expect(sha256Of(await readObject(store, file.key))).toBe(file.sha256)
    }
  }
  const partitions = Object.keys(expected).filter((key) => !key.startsWith('bronze/'))
  expect(known.sort()).toEqual(partitions.sort())
}

/** Runs to the end, or to a moment, or until it is killed from outside after some milliseconds. */
async function run(lake: string, moment?: number, millis?: number): Promise<ChildEnd> {
  return runChild([lake, SAMPLE, moment === undefined ? 'never' : String(moment)], millis)
}
