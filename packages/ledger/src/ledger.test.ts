import {
  type DatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  partitionKey,
  readObject,
  silverSeries,
  versionKey,
} from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Committed,
  type CommitOptions,
  fingerprintOf,
  type InventoryFile,
  type Ledger,
  openLedger,
  parseManifest,
  readRun,
  runName,
  sha256Of,
} from './index.ts'

const dataset: DatasetId = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const series = silverSeries(dataset)
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const bronze = (name: string) => ({ key: `bronze/binance/archive/${name}.zip`, sha256: sha256Of(name) })

function partition(
  text: string,
  inputs: readonly string[],
  base: CommitOptions['base'],
  label = '2024-01',
): Omit<CommitOptions, 'store' | 'now' | 'run'> {
  return {
    series,
    label,
    base,
    bytes: bytesOf(text),
    rows: text.length,
    first: 1,
    last: 2,
    span: { from: 0, to: 3 },
    inputs: inputs.map(bronze),
    revision: 1,
    options: { policy: 'archive-first' },
    gaps: [{ from: 1, to: 2, expected: 1 }],
    counts: { duplicate_rows: 0, inexact_close: 2 },
  }
}

let store: ObjectStore
let ledger: Ledger

/** The clock of the lake, moved by tests. */
let time: number

beforeEach(() => {
  store = memoryStore()
  time = 1000
  ledger = openLedger(store, { now: () => time })
})

const commit = async (text: string, inputs: readonly string[], label?: string): Promise<Committed> =>
  ledger.commitPartition(partition(text, inputs, await ledger.manifest(series, '2024-01'), label))

describe('commitPartition', () => {
  test('puts the file, and the manifest says what it is', async () => {
    const { file, fileChanged } = await commit('rows', ['b', 'a'])
    expect(fileChanged).toBe(true)
    expect(await readObject(store, file.key)).toEqual(bytesOf('rows'))
    const stored = await ledger.manifest(series, '2024-01')
    expect(stored?.manifest).toEqual({ format: 1, series, month: '2024-01', files: [file] })
    expect(file).toMatchObject({
      label: '2024-01',
      key: 'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2024-01/2024-01.parquet',
      sha256: sha256Of('rows'),
      bytes: 4,
      rows: 4,
      inputs: [bronze('a'), bronze('b')],
      counts: { inexact_close: 2 },
      gaps: [{ from: 1, to: 2, expected: 1 }],
    })
    expect(file.fingerprint).toBe(
      fingerprintOf({ inputs: [sha256Of('b'), sha256Of('a')], revision: 1, options: { policy: 'archive-first' } }),
    )
  })

  test('keeps the partitions of a month side by side, in order', async () => {
    await commit('second', ['b'], '2024-01-02')
    await commit('first', ['a'], '2024-01-01')
    const stored = await ledger.manifest(series, '2024-01')
    expect(stored?.manifest.files.map((file) => file.label)).toEqual(['2024-01-01', '2024-01-02'])
  })

  test('a later input takes nothing away, so no version is kept', async () => {
    await commit('one', ['a'])
    await commit('one and two', ['a', 'b'])
    expect(await store.head(versionKey(sha256Of('one')))).toBeUndefined()
  })

  test('a replaced input leaves the superseded bytes readable', async () => {
    await commit('wrong', ['a'])
    await commit('right', ['a-restated'])
    expect(await readObject(store, versionKey(sha256Of('wrong')))).toEqual(bytesOf('wrong'))
    await commit('wrong', ['a'])
    await commit('right', ['a-restated'])
    expect(await readObject(store, versionKey(sha256Of('wrong')))).toEqual(bytesOf('wrong'))
  })

  test('equal bytes are not put again', async () => {
    const before = await commit('same', ['a'])
    const after = await commit('same', ['a', 'b'])
    expect(after.fileChanged).toBe(false)
    expect(after.file.etag).toBe(before.file.etag)
    expect(after.file.inputs).toHaveLength(2)
  })

  test('a writer that slept through another commit changes nothing', async () => {
    const stale = await ledger.manifest(series, '2024-01')
    await commit('winner', ['a'])
    await expect(ledger.commitPartition(partition('winner', ['a'], stale))).rejects.toMatchObject({ code: 'CONFLICT' })
    const { file } = await commit('winner', ['a'])
    expect(await readObject(store, file.key)).toEqual(bytesOf('winner'))
  })

  test('of many writers on one base, one wins, and file and manifest agree', async () => {
    const base = await ledger.manifest(series, '2024-01')
    const writers = Array.from({ length: 10 }, (_, index) => `writer ${index}`)
    const outcomes = await Promise.allSettled(
      writers.map((text) => ledger.commitPartition(partition(text, [text], base))),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled').length).toBeLessThanOrEqual(1)
    const { file } = await commit('last', ['z'])
    expect(sha256Of(await readObject(store, file.key))).toBe(file.sha256)
  })

  test.each([[undefined], ['old']])(
    'a disk that is full at the manifest leaves the file as it was: %s',
    async (old) => {
      if (old !== undefined) await commit(old, ['a'])
      const full = faultyStore(store, {
        fail: (operation, key) =>
          operation === 'put' && key.endsWith('.json') ? new LakeError('NO_SPACE', 'The disk is full.') : undefined,
      })
      const base = await ledger.manifest(series, '2024-01')
      const next = partition('old and new', ['a', 'b'], base)
      await expect(openLedger(full).commitPartition(next)).rejects.toMatchObject({ code: 'NO_SPACE' })
      const key = partitionKey(series, '2024-01')
      if (old === undefined) expect(await store.head(key)).toBeUndefined()
      else expect(await readObject(store, key)).toEqual(bytesOf(old))
      const { file } = await ledger.commitPartition({ ...next, base })
      expect(await readObject(store, file.key)).toEqual(bytesOf('old and new'))
    },
  )

  test('a crash between the file and the manifest is seen, and mended by the same commit', async () => {
    await commit('old', ['a'])
    let puts = 0
    const dying = faultyStore(store, {
      fail: (operation) =>
        operation === 'put' && ++puts === 2 ? new LakeError('STORE_FAILED', 'killed between the two puts') : undefined,
    })
    const base = await ledger.manifest(series, '2024-01')
    const next = partition('old and new', ['a', 'b'], base)
    await expect(openLedger(dying).commitPartition(next)).rejects.toThrow('killed')
    const stored = await ledger.manifest(series, '2024-01')
    const [known] = stored?.manifest.files ?? []
    expect((await store.head(known?.key ?? ''))?.etag).not.toBe(known?.etag)
    const { file } = await ledger.commitPartition({ ...next, base: stored })
    expect((await store.head(file.key))?.etag).toBe(file.etag)
    expect(await readObject(store, file.key)).toEqual(bytesOf('old and new'))
  })
})

describe('fingerprintOf', () => {
  test('depends on what is in, not on its order', () => {
    const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
    fc.assert(
      fc.property(fc.array(hash), (inputs) => {
        const print = fingerprintOf({ inputs, revision: 1, options: {} })
        expect(fingerprintOf({ inputs: [...inputs].reverse(), revision: 1, options: {} })).toBe(print)
        expect(fingerprintOf({ inputs: [...inputs, 'x'], revision: 1, options: {} })).not.toBe(print)
        expect(fingerprintOf({ inputs, revision: 2, options: {} })).not.toBe(print)
        expect(fingerprintOf({ inputs, revision: 1, options: { a: 1 } })).not.toBe(print)
      }),
    )
  })
})

describe('manifests', () => {
  test('are listed by series', async () => {
    await commit('january', ['a'])
    await ledger.commitPartition({ ...partition('february', ['b'], undefined), label: '2024-02' })
    const months: string[] = []
    for await (const { month } of ledger.manifests()) months.push(month)
    expect(months).toEqual(['2024-01', '2024-02'])
    const none: string[] = []
    for await (const { month } of ledger.manifests({ prefix: '_lake/manifests/trades/' })) none.push(month)
    expect(none).toEqual([])
  })

  test('are the same bytes whoever writes them, but for the etag', async () => {
    await commit('rows', ['a', 'b'])
    const other = memoryStore()
    await openLedger(other, { now: () => time }).commitPartition(partition('rows', ['b', 'a'], undefined))
    const text = async (from: ObjectStore) =>
      new TextDecoder()
        .decode(await readObject(from, '_lake/manifests/klines/binance/spot/BTCUSDT/1m/2024-01.json'))
        .replace(/"etag": "[^"]*"/, '')
    expect(await text(store)).toBe(await text(other))
  })

  test.each([
    ['{', 'it is not JSON'],
    ['{"format":2}', 'format'],
    ['{"format":1,"series":{"layer":"silver","table":"candles"}}', 'no such table'],
  ])('%s is refused with what is wrong', (text, why) => {
    expect(() => parseManifest(text, 'm.json')).toThrow(why)
    expect(() => parseManifest(text, 'm.json')).toThrow(expect.objectContaining({ code: 'CORRUPT_LAKE' }))
  })

  test('a store that fails is not taken for a lake without manifests', async () => {
    const broken = faultyStore(store, { fail: () => new LakeError('UNAVAILABLE', 'no answer') })
    await expect(openLedger(broken).manifest(series, '2024-01')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(openLedger(broken).inventory(dataset)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('inventory', () => {
  const file = (name: string, change: Partial<InventoryFile> = {}): InventoryFile => ({
    sourceKey: name,
    key: `bronze/${name}`,
    size: 1,
    sha256: sha256Of(name),
    etag: 'e',
    verified: true,
    ...change,
  })

  test('gathers files, and the newest word about one wins', async () => {
    await ledger.recordInventory(dataset, [file('b'), file('a')])
    await ledger.recordInventory(dataset, [file('a', { sha256: sha256Of('restated') })])
    expect(await ledger.inventory(dataset)).toEqual([file('a', { sha256: sha256Of('restated') }), file('b')])
  })

  test('keeps what it knows of the same bytes, and forgets it with them', async () => {
    const ledger = openLedger(memoryStore())
    const copied: InventoryFile = { sourceKey: 'a', key: 'bronze/a', size: 1, etag: 'x', verified: false }
    await ledger.recordInventory(dataset, [{ ...copied, sourceEtag: 'x-2' }])
    await ledger.recordInventory(dataset, [{ ...copied, sha256: sha256Of('a'), verified: true }])
    const known = { ...copied, sourceEtag: 'x-2', sha256: sha256Of('a'), verified: true }
    expect(await ledger.inventory(dataset)).toEqual([known])
    await ledger.recordInventory(dataset, [copied])
    expect(await ledger.inventory(dataset)).toEqual([known])
    await ledger.recordInventory(dataset, [{ ...copied, etag: 'y' }])
    expect(await ledger.inventory(dataset)).toEqual([{ ...copied, etag: 'y' }])
  })

  test('nothing new, nothing written', async () => {
    await ledger.recordInventory(dataset, [file('a')])
    const key = '_lake/inventory/binance/spot/klines/BTCUSDT/1m.json'
    const before = await store.head(key)
    await ledger.recordInventory(dataset, [file('a')])
    await ledger.recordInventory(dataset, [])
    expect(await store.head(key)).toEqual(before)
  })

  test('many writers at once lose nothing', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `file ${index}`)
    await Promise.all(names.map((name) => ledger.recordInventory(dataset, [file(name)])))
    expect((await ledger.inventory(dataset)).map((held) => held.sourceKey)).toEqual(names)
  })

  test('gives up when it never gets through', async () => {
    const busy = faultyStore(store, {
      fail: (operation) => (operation === 'put' ? new LakeError('CONFLICT', 'busy') : undefined),
    })
    await expect(openLedger(busy).recordInventory(dataset, [file('a')])).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('an unreadable one says so', async () => {
    await store.put('_lake/inventory/binance/spot/klines/BTCUSDT/1m.json', bytesOf('{"format":1}'))
    await expect(ledger.inventory(dataset)).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
  })
})

test('run records sort by the time of their start, and are found by their names', async () => {
  const record = async (at: number, rows: number): Promise<string> =>
    openLedger(store, { run: runName(at) }).recordRun({ rows })
  const later = await record(1_704_067_201_000_000, 2)
  const earlier = await record(1_704_067_200_000_000, 1)
  expect([later, earlier].sort()).toEqual([earlier, later])
  expect(earlier).toMatch(/^_lake\/runs\/2024-01-01T00-00-00Z-[0-9a-f]{8}\.json$/)
  expect(await readRun(store, earlier.slice('_lake/runs/'.length, -'.json'.length))).toEqual({ rows: 1 })
  expect(await readRun(store, 'none')).toBeUndefined()
  expect(await ledger.recordRun({})).toMatch(/^_lake\/runs\/1970-01-01T00-00-00.001Z-[0-9a-f]{8}\.json$/)
  await store.put('_lake/runs/torn.json', bytesOf('{'))
  await expect(readRun(store, 'torn')).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
  const broken = faultyStore(store, { fail: () => new LakeError('UNAVAILABLE', 'no answer') })
  await expect(readRun(broken, 'torn')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
