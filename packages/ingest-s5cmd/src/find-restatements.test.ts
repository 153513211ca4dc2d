import { bronzeArchiveKey, goldSeries, parseDatasetId, partitionKey, type Series, silverSeries } from '@lake/core'
import type { Manifest, ManifestFile, ManifestInput } from '@lake/ledger'
import { describe, expect, test } from 'vitest'
import type { ArchiveChange } from './archive-change.ts'
import { findRestatements } from './find-restatements.ts'
import { restatedKey } from './restated-key.ts'

const DATASET = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const SILVER = silverSeries(DATASET)
const GOLD = goldSeries('bars', DATASET, '1h')
const FEATURES = goldSeries('bars', DATASET, '1d')
const OLD = 'a'.repeat(64)
const NEW = 'b'.repeat(64)
const KEY = 'data/x/BTCUSDT-1m-2024-01.zip'
const BRONZE = bronzeArchiveKey('binance', KEY)

describe('findRestatements', () => {
  const january = partitionKey(SILVER, '2024-01')
  const hourly = partitionKey(GOLD, '2024-01')
  const manifests = [
    manifest(FEATURES, '2024-01', [{ key: hourly, sha256: OLD }]),
    manifest(GOLD, '2024-01', [{ key: january, sha256: OLD }]),
    manifest(SILVER, '2024-01', [{ key: BRONZE, sha256: OLD }]),
    manifest(SILVER, '2024-02', [{ key: bronzeArchiveKey('binance', 'other.zip'), sha256: OLD }]),
  ]

  test('names what was made of the file, and what was made of that', () => {
    const [restatement, ...others] = findRestatements({ changes: [change()], manifests })
    expect(others).toEqual([])
    expect(restatement).toMatchObject({
      exchange: 'binance',
      key: KEY,
      what: ['checksum'],
      before: { sha256: OLD },
      after: { sha256: NEW },
    })
    expect(restatement?.partitions).toEqual([
      { series: SILVER, label: '2024-01', key: january },
      { series: GOLD, label: '2024-01', key: hourly },
      { series: FEATURES, label: '2024-01', key: partitionKey(FEATURES, '2024-01') },
    ])
  })

  test('names a partition once that depends on a file in several ways, in the order of what depends on what', () => {
    const february = partitionKey(SILVER, '2024-02')
    const inputs = [january, february].map((key) => ({ key, sha256: OLD }))
    const shared = [
      manifest(SILVER, '2024-02', [{ key: BRONZE, sha256: OLD }]),
      manifest(SILVER, '2024-01', [{ key: BRONZE, sha256: OLD }]),
      manifest(GOLD, '2024-01', inputs),
    ]
    const [restatement] = findRestatements({ changes: [change()], manifests: shared })
    expect(restatement?.partitions.map(({ key }) => key)).toEqual([january, february, hourly])
  })

  test('knows every version of a file, and leaves out what has the new one already', () => {
    const second = { key: restatedKey(BRONZE, NEW), sha256: NEW }
    const upToDate = [manifest(SILVER, '2024-01', [second])]
    expect(findRestatements({ changes: [change()], manifests: upToDate })[0]?.partitions).toEqual([])
    const third = change({ after: { ...change().after, sha256: 'c'.repeat(64) } })
    expect(findRestatements({ changes: [third], manifests: upToDate })[0]?.partitions).toHaveLength(1)
    const unknown = change({ after: { ...change().after, sha256: undefined } })
    expect(findRestatements({ changes: [unknown], manifests: upToDate })[0]?.partitions).toHaveLength(1)
  })

  test('new and vanished files are none; one that came back with other bytes is', () => {
    expect(
      findRestatements({
        changes: [change({ kind: 'new', what: [] }), change({ kind: 'vanished', what: [] })],
        manifests,
      }),
    ).toEqual([])
    expect(findRestatements({ changes: [change({ kind: 'new', what: ['size'] })], manifests })).toHaveLength(1)
  })

  test('a file that the lake never used has no partitions', () => {
    expect(findRestatements({ changes: [change({ key: 'data/unused.zip' })], manifests })[0]?.partitions).toEqual([])
  })
})

function change(more: Partial<ArchiveChange> = {}): ArchiveChange {
  const before = { key: KEY, label: '2024-01', size: 1, etag: 'a', sha256: OLD, firstSeen: 1, changedAt: 1 }
  const after = { ...before, etag: 'b', sha256: NEW, changedAt: 2 }
  return { kind: 'changed', dataset: DATASET, key: KEY, label: '2024-01', what: ['checksum'], before, after, ...more }
}

function manifest(series: Series, month: string, inputs: readonly ManifestInput[]): Manifest {
  const file: ManifestFile = {
    label: month,
    key: partitionKey(series, month),
    etag: 'e',
    sha256: OLD,
    bytes: 1,
    rows: 1,
    first: 0,
    last: 0,
    span: { from: 0, to: 1 },
    inputs,
    revision: 1,
    options: {},
    fingerprint: OLD,
    counts: {},
  }
  return { format: 1, series, month, files: [file] }
}
