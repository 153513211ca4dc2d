import { gzipSync } from 'node:zlib'
import { bronzeFrameKey, formatDatasetId, type DatasetId, type ObjectStore, type TimeRange } from '@lake/core'
import { sha256Of } from '@lake/ledger'

export interface Recording {
  readonly dataset: DatasetId
  /** The id of the channel. */
  readonly channel: string
  /** When somebody listened, in order; epoch microseconds UTC. */
  readonly covered: readonly TimeRange[]
  /** When each frame was received, and what it says. Frames that came while nobody listened are lost. */
  readonly frames: readonly (readonly [receivedAt: number, frame: unknown])[]
}

/** Puts a file of recorded frames into bronze, as a recorder leaves it; gives its key. */
export async function putRecording(
  store: ObjectStore,
  { dataset, channel, covered, frames }: Recording,
): Promise<string> {
  const event = (time: number, what: Record<string, unknown>): string => `E${time}\t${JSON.stringify(what)}`
  const about = { format: 1, session: 'a', dataset: formatDatasetId(dataset), channel, link: '0' }
  const range = { from: covered[0]?.from ?? 0, to: covered.at(-1)?.to ?? 0 }
  const lines = covered.flatMap(({ from, to }) => [
    event(from, { event: 'covered' }),
    ...frames.flatMap(([at, frame]) => (at >= from && at < to ? [`F${at}\t${JSON.stringify(frame)}`] : [])),
    event(to, { event: 'lost', since: to, reason: 'the connection broke' }),
  ])
  const all = [event(range.from, { event: 'open', ...about }), ...lines, event(range.to, { event: 'close' })]
  const body = gzipSync(`${all.join('\n')}\n`)
  const key = bronzeFrameKey(dataset, { series: channel, range, sha256: sha256Of(body) })
  await store.put(key, body)
  return key
}
