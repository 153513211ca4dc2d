import {
  bronzeArchiveKey,
  bronzeFramePrefix,
  bronzePagePrefix,
  type DatasetId,
  type ExchangeAdapter,
  intervalMicros,
  LakeError,
  parseFrameKey,
  parsePageKey,
  type Period,
  type TimeRange,
} from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import type { Manifest, ManifestInput } from '@lake/ledger'

/** An archive file that lies in bronze. */
export interface HeldArchive extends ManifestInput {
  readonly source: 'archive'
  readonly period: Period
  /** True when its bytes have a published checksum; known of files that a run has just looked at. */
  readonly verified?: boolean | undefined
}

/** A page of a venue's REST interface that lies in bronze. */
export interface HeldPage extends ManifestInput {
  readonly source: 'rest'
  /** The rows of it that count. */
  readonly period: TimeRange
  /** The id of the series that it is a page of. */
  readonly series: string
}

/** Recorded frames of a live stream that lie in bronze. */
export interface HeldFrames extends ManifestInput {
  readonly source: 'ws'
  /** When their rows happened: up to a moment, and for bars an interval, before they were received. */
  readonly period: TimeRange
  /** The id of the channel. */
  readonly series: string
}

/** What lies in bronze and is one input of silver partitions. */
export type HeldFile = HeldArchive | HeldPage | HeldFrames

/** How long a frame may take from the venue to here, in microseconds. */
export const ON_THE_WAY = 5_000_000

/**
 * The inputs of a month: what its manifest was made of, and what has arrived since. A partition only ever gains
 * inputs, so that a run over fewer days than the last one takes nothing away; a restated file takes the place of
 * the one that it restates.
 */
export function uniteInputs(
  adapter: ExchangeAdapter,
  dataset: DatasetId,
  manifest: Manifest | undefined,
  arrived: readonly HeldFile[],
): HeldFile[] {
  const bySource = new Map<string, HeldFile>()
  for (const { inputs } of manifest?.files ?? []) {
    for (const input of inputs) bySource.set(originalKey(input.key), heldFileOf(adapter, dataset, input))
  }
  for (const file of arrived) bySource.set(originalKey(file.key), file)
  return [...bySource.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** What the key of a REST page in bronze says; `undefined` for every other key. */
export function heldPageOf(key: string): HeldPage | undefined {
  const name = parsePageKey(key)
  if (name === undefined) return undefined
  return { source: 'rest', key, sha256: name.sha256, period: name.range, series: name.series }
}

/** What the key of recorded frames in bronze says; `undefined` for every other key. */
export function heldFramesOf(dataset: DatasetId, key: string): HeldFrames | undefined {
  const name = parseFrameKey(key)
  if (name === undefined) return undefined
  const { sha256, series, range } = name
  const length = dataset.interval === undefined ? 0 : (intervalMicros(dataset.interval) ?? 0)
  return { source: 'ws', key, sha256, series, period: { from: range.from - ON_THE_WAY - length, to: range.to } }
}

function heldFileOf(adapter: ExchangeAdapter, dataset: DatasetId, { key, sha256 }: ManifestInput): HeldFile {
  const page = key.startsWith(bronzePagePrefix(dataset)) ? heldPageOf(key) : undefined
  if (page !== undefined) return page
  const frames = key.startsWith(bronzeFramePrefix(dataset)) ? heldFramesOf(dataset, key) : undefined
  if (frames !== undefined) return frames
  const folder = bronzeArchiveKey(adapter.id, '')
  const name = key.startsWith(folder) ? originalKey(key).slice(folder.length) : ''
  const period = adapter.archive?.parseKey(name)?.period
  if (period !== undefined) return { source: 'archive', key, sha256, period }
  throw new LakeError(
    'CORRUPT_LAKE',
    `A manifest names the input ${key}, which is no archive file, page or recording of ${adapter.id}. Nothing was changed.`,
    { details: { key } },
  )
}
