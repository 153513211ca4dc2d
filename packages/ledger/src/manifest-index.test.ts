import {
  canonicalJson,
  LakeError,
  manifestPrefix,
  type ObjectStore,
  parseDatasetId,
  readObject,
  type Series,
  silverSeries,
} from '@lake/core'
import { countingStore, faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { MANIFEST_PREFIX, openLedger, openManifestReader, rebuildIndex, sha256Of } from './index.ts'
import { manifestSchema } from './manifest.ts'
import { INDEX_REVISION } from './manifest-index.ts'

const bitcoin = silverSeries(parseDatasetId('binance/spot/klines/BTCUSDT/1m'))
const ether = silverSeries(parseDatasetId('binance/spot/klines/ETHUSDT/1m'))
const INDEX = '_lake/index/manifests/klines/binance/spot/BTCUSDT/1m.json'
const MONTHS = ['2024-01', '2024-02', '2024-03', '2024-04']

async function commit(store: ObjectStore, text: string, month: string, series: Series = bitcoin): Promise<void> {
  const ledger = openLedger(store, { now: () => 1000 })
  await ledger.commitPartition({
    ...{ series, label: month, base: await ledger.manifest(series, month), rows: text.length, first: 1, last: 2 },
    ...{ bytes: new TextEncoder().encode(text), span: { from: 0, to: 3 }, revision: 1, options: {} },
    inputs: [{ key: `bronze/binance/archive/${month}.zip`, sha256: sha256Of(text) }],
    quality: { score: 99.5, days: [1, 2], findings: [], defects: [] },
  })
}

async function lakeOf(text: string): Promise<ObjectStore> {
  const store = memoryStore()
  for (const series of [bitcoin, ether]) for (const month of MONTHS) await commit(store, text, month, series)
  return store
}

/** What the manifests say, without any index. */
async function truth(store: ObjectStore): Promise<string[]> {
  const manifests: string[] = []
  for await (const { key } of store.list({ prefix: MANIFEST_PREFIX })) {
    manifests.push(canonicalJson(JSON.parse(new TextDecoder().decode(await readObject(store, key)))))
  }
  return manifests
}

async function readThrough(store: ObjectStore): Promise<string[]> {
  const reader = openManifestReader(store)
  const manifests = await reader.read(await reader.entries(MANIFEST_PREFIX))
  const listed: string[] = []
  for await (const manifest of openLedger(store).manifests()) listed.push(canonicalJson(manifest))
  expect(manifests.map((manifest) => canonicalJson(manifest))).toEqual(listed)
  return listed
}

describe('manifests that are rolled up', () => {
  test('are read in one listing and one document for each series', async () => {
    const inner = await lakeOf('rows')
    expect(await rebuildIndex(inner)).toBe(2)
    const { store, counts } = countingStore(inner)
    const reader = openManifestReader(store)
    const manifests = await reader.read(await reader.entries(MANIFEST_PREFIX))
    expect(manifests).toHaveLength(8)
    expect({ list: counts.list.requests, get: counts.get.requests }).toEqual({ list: 1, get: 2 })
    expect(await readThrough(inner)).toEqual(await truth(inner))
  })

  test('are as they are now: one that was committed since is read, and only that', async () => {
    const inner = await lakeOf('rows')
    await rebuildIndex(inner)
    await commit(inner, 'later', '2024-03')
    const { store, counts } = countingStore(inner)
    const reader = openManifestReader(store)
    const manifests = await reader.read(await reader.entries(manifestPrefix(bitcoin)))
    expect(manifests.map(({ files }) => files[0]?.rows)).toEqual([4, 4, 5, 4])
    expect(counts.get.requests).toBe(2)
    await reader.keepIndex()
    expect(counts.put.requests).toBe(1)
    expect(await rebuildIndex(inner)).toBe(0)
    expect(await readThrough(inner)).toEqual(await truth(inner))
  })

  test('hide no month that came, and show none that has gone', async () => {
    const store = await lakeOf('rows')
    await rebuildIndex(store)
    await commit(store, 'new', '2024-05')
    await store.delete(`${manifestPrefix(bitcoin)}2024-01.json`)
    expect(await readThrough(store)).toEqual(await truth(store))
    expect(await rebuildIndex(store)).toBe(1)
    expect(await readThrough(store)).toEqual(await truth(store))
  })

  test('are put by nobody where they stand, and nowhere for a single month', async () => {
    const inner = await lakeOf('rows')
    await rebuildIndex(inner)
    const { store, counts } = countingStore(inner)
    const reader = openManifestReader(store)
    await reader.read(await reader.entries(MANIFEST_PREFIX))
    await reader.keepIndex()
    await rebuildIndex(store)
    expect(counts.put.requests).toBe(0)
    const single = memoryStore()
    await commit(single, 'rows', '2024-01')
    expect(await rebuildIndex(single)).toBe(0)
  })

  test('are kept of what was read, when only some months were asked for', async () => {
    const store = await lakeOf('rows')
    const reader = openManifestReader(store)
    await reader.read((await reader.entries(manifestPrefix(bitcoin))).slice(1, 3))
    await reader.keepIndex()
    expect(await readThrough(store)).toEqual(await truth(store))
    const counting = countingStore(store)
    const next = openManifestReader(counting.store)
    await next.read(await next.entries(manifestPrefix(bitcoin)))
    expect(counting.counts.get.requests).toBe(3)
  })

  test('are not believed when they were cut, changed, or written by another release', async () => {
    const damages: ((text: string) => string)[] = [
      () => '',
      (text) => text.slice(0, text.length >> 1),
      (text) => text.replace('"rows":4', '"rows":5'),
      (text) => text.replace(`"revision":${INDEX_REVISION}`, `"revision":${INDEX_REVISION + 1}`),
      (text) => text.replaceAll('2024-01', '2024-02'),
      (text) => `{}\n${text}`,
    ]
    for (const damage of damages) {
      const store = await lakeOf('rows')
      await rebuildIndex(store)
      const text = new TextDecoder().decode(await readObject(store, INDEX))
      expect(damage(text)).not.toBe(text)
      await store.put(INDEX, new TextEncoder().encode(damage(text)))
      expect(await readThrough(store)).toEqual(await truth(store))
      expect(await rebuildIndex(store)).toBe(1)
      expect(new TextDecoder().decode(await readObject(store, INDEX))).toBe(text)
    }
  })

  test('are not needed: nobody may write, the put is lost, or the store tells no etags', async () => {
    const inner = await lakeOf('rows')
    for (const code of ['READ_ONLY', 'NO_PERMISSION', 'CONFLICT', 'NO_SPACE'] as const) {
      const store = faultyStore(inner, {
        fail: (operation) => (operation === 'put' ? new LakeError(code, 'No.') : undefined),
      })
      expect(await rebuildIndex(store)).toBe(0)
      expect(await readThrough(store)).toEqual(await truth(inner))
    }
    const hidden = faultyStore(inner, {
      fail: (operation, key) =>
        operation === 'get' && key === INDEX ? new LakeError('NO_PERMISSION', 'No.') : undefined,
    })
    await rebuildIndex(inner)
    expect(await readThrough(hidden)).toEqual(await truth(inner))
    const silent: ObjectStore = {
      ...inner,
      async *list(options) {
        for await (const info of inner.list(options)) yield { ...info, etag: '' }
      },
    }
    await inner.put(INDEX, new Uint8Array(1))
    expect(await readThrough(silent)).toEqual(await truth(inner))
  })

  test('of a store that fails are an error, and the next attempt may succeed', async () => {
    const inner = await lakeOf('rows')
    let isDown = true
    const store = faultyStore(inner, {
      fail: (operation) => (isDown && operation === 'get' ? new LakeError('UNAVAILABLE', 'Down.') : undefined),
    })
    const reader = openManifestReader(store)
    const entries = await reader.entries(MANIFEST_PREFIX)
    await expect(Promise.all([reader.read(entries), reader.read(entries)])).rejects.toThrow('Down.')
    isDown = false
    // The documents that could not be looked at are not looked at again by this reader.
    expect(await readThrough(store)).toEqual(await truth(inner))
  })

  test('one that cannot be read fails those who ask for it, and no others', async () => {
    const store = await lakeOf('rows')
    await rebuildIndex(store)
    await store.put(`${manifestPrefix(ether)}2024-02.json`, new TextEncoder().encode('{'))
    const reader = openManifestReader(store)
    await expect(reader.read(await reader.entries(MANIFEST_PREFIX))).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
    expect(await reader.read(await reader.entries(manifestPrefix(bitcoin)))).toHaveLength(4)
  })

  test('whatever happens in whatever order, what is read is what lies there', async () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('commit' as const), month: fc.constantFrom(...MONTHS), text: fc.string() }),
      fc.record({ kind: fc.constant('delete' as const), month: fc.constantFrom(...MONTHS) }),
      fc.record({ kind: fc.constant('rebuild' as const) }),
      fc.record({ kind: fc.constant('copy old' as const) }),
      fc.record({ kind: fc.constant('keep' as const), from: fc.nat(3), to: fc.nat(4) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const store = memoryStore()
        let old: Uint8Array | undefined
        for (const one of changes) {
          if (one.kind === 'commit') await commit(store, one.text, one.month)
          if (one.kind === 'delete') await store.delete(`${manifestPrefix(bitcoin)}${one.month}.json`)
          if (one.kind === 'rebuild') await rebuildIndex(store)
          if (one.kind === 'copy old') {
            if (old !== undefined) await store.put(INDEX, old)
            old = (await store.head(INDEX)) === undefined ? undefined : await readObject(store, INDEX)
          }
          if (one.kind === 'keep') {
            const reader = openManifestReader(store)
            await reader.read((await reader.entries(MANIFEST_PREFIX)).slice(one.from, one.to))
            await reader.keepIndex()
          }
          expect(await readThrough(store)).toEqual(await truth(store))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('are of one shape, whose revision is raised when it changes', () => {
    const shape = sha256Of(canonicalJson(z.toJSONSchema(manifestSchema, { unrepresentable: 'any' })))
    // When this fails, manifests have got another shape: raise INDEX_REVISION, and put both here.
    expect({ revision: INDEX_REVISION, shape }).toEqual({
      revision: 1,
      shape: 'afb0a4443ad2dc2759f6358b9aad7cf29167eb791437be2fe288542608daf4ec',
    })
  })
})
