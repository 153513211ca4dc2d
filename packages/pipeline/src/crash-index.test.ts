import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson, type ObjectStore, readObject } from '@lake/core'
import { MANIFEST_PREFIX, openLedger, openManifestReader } from '@lake/ledger'
import { fileStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCrashChild, type RunChild, spreadMoments } from './testing/build-crash-child.ts'

const DEATHS = process.env['LAKE_NIGHTLY'] === '1' ? 60 : 8
const SEED = Number(process.env['LAKE_SEED'] ?? 20_261_123)

let folder: string
let runChild: RunChild
let moments: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-crash-index-'))
  runChild = await buildCrashChild(folder, 'crash-index-child')
  moments = Number((await runChild([join(folder, 'whole'), '1', 'never'])).stdout)
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('manifests that two processes roll up, while they commit and are killed with SIGKILL', () => {
  test('have many moments to die at', () => {
    expect(moments).toBeGreaterThan(100)
  })

  test.each(spreadMoments(DEATHS, SEED))(
    'are read as they lie there, after a death at %d per mille',
    async (perMille) => {
      const root = join(folder, `killed-${perMille}`)
      // A commit that comes too late has fewer.
      const moment = String(1 + Math.floor((perMille / 1000) * 0.6 * moments))
      const [killed] = await Promise.all([runChild([root, '1', moment]), runChild([root, '2', 'never'])])
      expect(killed.signal).toBe('SIGKILL')
      const store = fileStore({ root })
      await expectTruth(store)
      await openLedger(store).rebuildIndex()
      await expectTruth(store)
      expect(await openLedger(store).rebuildIndex()).toBe(0)
      await store.delete('_lake/index/manifests/klines/binance/spot/BTCUSDT/1m.json')
      await expectTruth(store)
    },
    60_000,
  )
})

async function expectTruth(store: ObjectStore): Promise<void> {
  const truth: string[] = []
  for await (const { key } of store.list({ prefix: MANIFEST_PREFIX })) {
    truth.push(canonicalJson(JSON.parse(new TextDecoder().decode(await readObject(store, key)))))
  }
  expect(truth.length).toBe(4)
  const reader = openManifestReader(store)
  const read = await reader.read(await reader.entries(MANIFEST_PREFIX))
  expect(read.map((manifest) => canonicalJson(manifest))).toEqual(truth)
}
