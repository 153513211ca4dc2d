import type { DatasetId } from './dataset-id.ts'
import { dayOf } from './instant.ts'
import { bronzeFramePrefix } from './lake-path.ts'
import type { TimeRange } from './time-range.ts'

/** What the key of recorded frames says. */
export interface FramesName {
  /** The id of the {@link LiveStream}. */
  readonly series: string
  /** When they were received: from the first instant that was recorded up to the last one, within one day. */
  readonly range: TimeRange
  /** Of the object, lower-case hex. */
  readonly sha256: string
}

/**
 * The key of the recorded frames of a dataset: one object a rotation, in the folder of the day it was received on.
 *
 * @example
 * bronzeFrameKey(id, { series: 'binance-ws-um-force-orders', range, sha256 })
 * // 'bronze/binance/ws/um/liquidations/BTCUSDT/2026-05-08/binance-ws-um-force-orders.1778198400000000-1778202000000000.00ff….frames.gz'
 */
export function bronzeFrameKey(id: DatasetId, { series, range, sha256 }: FramesName): string {
  return `${bronzeFramePrefix(id, dayOf(range.from))}${series}.${range.from}-${range.to}.${sha256}.frames.gz`
}

const FRAME_KEY = /([^/.]+)\.(\d+)-(\d+)\.([0-9a-f]{64})\.frames\.gz$/

/** What the key of recorded frames says; the inverse of {@link bronzeFrameKey}. `undefined` for every other key. */
export function parseFrameKey(key: string): FramesName | undefined {
  const [, series, from, to, sha256] = FRAME_KEY.exec(key) ?? []
  if (series === undefined || sha256 === undefined) return undefined
  return { series, range: { from: Number(from), to: Number(to) }, sha256 }
}
