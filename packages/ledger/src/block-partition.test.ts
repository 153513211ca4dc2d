import { LakeError, type ObjectStore, parseDatasetId, silverSeries } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type BlockOptions,
  fingerprintOf,
  type Ledger,
  openLedger,
  type PartitionQuality,
  sha256Of,
  type StoredManifest,
} from './index.ts'

const series = silverSeries(parseDatasetId('binance/um/aggTrades/BTCUSDT'))
const input = (name: string) => ({ key: `bronze/binance/archive/${name}.zip`, sha256: sha256Of(name) })
const quality: PartitionQuality = {
  score: 42.5,
  days: [3],
  findings: [
    { name: 'ohlc', severity: 'failing', rows: 1, first: { time: 5, values: { high: 1, id: '9007199254740993' } } },
  ],
  defects: [{ day: '2024-01-31', defect: 'cut', because: 'It has no bar before noon.' }],
}

let store: ObjectStore
let ledger: Ledger

beforeEach(() => {
  store = memoryStore()
  ledger = openLedger(store)
})

function block(
  label: string,
  inputs: readonly string[],
  base: StoredManifest | undefined,
): Omit<BlockOptions, 'store'> {
  return {
    ...{ series, label, base, inputs: inputs.map(input), revision: 2, options: { policy: 'archive-first' } },
    ...{ reason: '1 row violates ohlc.', quality, blockedAt: 7 },
  }
}

async function commit(label: string, text: string): Promise<StoredManifest> {
  const { stored } = await ledger.commitPartition({
    ...{ series, label, base: await current(), bytes: new TextEncoder().encode(text), rows: 1, first: 1, last: 2 },
    ...{ span: { from: 0, to: 3 }, inputs: [input(text)], revision: 2, options: {}, quality },
  })
  return stored
}

async function current(): Promise<StoredManifest | undefined> {
  return ledger.manifest(series, '2024-01')
}

describe('blockPartition', () => {
  test('is kept in the manifest, also where there was none, and names what was refused', async () => {
    await ledger.blockPartition(block('2024-01-31', ['b', 'a'], undefined))
    expect((await current())?.manifest).toEqual({
      ...{ format: 1, series, month: '2024-01', files: [] },
      blocked: [
        {
          label: '2024-01-31',
          inputs: [input('a'), input('b')],
          fingerprint: fingerprintOf({
            inputs: [sha256Of('a'), sha256Of('b')],
            revision: 2,
            options: { policy: 'archive-first' },
          }),
          ...{ reason: '1 row violates ohlc.', quality, blockedAt: 7 },
        },
      ],
    })
  })

  test('touches no file, and replaces the word before it about the same partition', async () => {
    const published = await commit('2024-01-30', 'rows')
    const first = await ledger.blockPartition(block('2024-01-30', ['a'], published))
    const second = await ledger.blockPartition(block('2024-01-31', ['a'], first))
    const third = await ledger.blockPartition(block('2024-01-30', ['c'], second))
    expect(third.manifest.files).toEqual(published.manifest.files)
    expect(third.manifest.blocked?.map(({ label, inputs }) => [label, inputs])).toEqual([
      ['2024-01-30', [input('c')]],
      ['2024-01-31', [input('a')]],
    ])
    expect(third).toEqual(await current())
  })

  test('goes with the next commit of the partition, and stays with those of others', async () => {
    const first = await ledger.blockPartition(block('2024-01-30', ['a'], undefined))
    await ledger.blockPartition(block('2024-01-31', ['a'], first))
    const { manifest } = await commit('2024-01-30', 'better')
    expect(manifest.blocked?.map(({ label }) => label)).toEqual(['2024-01-31'])
    expect(manifest.files[0]?.quality).toEqual(quality)
    expect((await commit('2024-01-31', 'better')).manifest).not.toHaveProperty('blocked')
  })

  test('changes nothing when another writer was first, or when the store fails', async () => {
    const published = await commit('2024-01-30', 'rows')
    const later = await commit('2024-01-31', 'more')
    await expect(ledger.blockPartition(block('2024-01-30', ['a'], published))).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    const failing = openLedger(faultyStore(store, { fail: () => new LakeError('NO_SPACE', 'full') }))
    await expect(failing.blockPartition(block('2024-01-30', ['a'], later))).rejects.toMatchObject({ code: 'NO_SPACE' })
    expect(await current()).toEqual(later)
  })
})
