/*
 * How this is fast and safe: a frame goes from the socket into a line of its dataset's file in the spool, and is looked
 * at only to find whose it is. Lines are gathered for a quarter of a second and written at once. What waits for the
 * disk is bounded: past the bound the connection is dropped and the gap recorded, since memory would only delay it.
 * Everything else, compressing and uploading, works on files that are closed.
 */
import {
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type LiveStream,
  type ObjectStore,
} from '@lake/core'
import type { Clock } from '../clock.ts'
import { ccxtLink } from './ccxt-link.ts'
import { moveAddress } from '../move-address.ts'
import { DatasetRecording, type RotateRule } from './dataset-recording.ts'
import { type Brake, keepConnected } from './keep-connected.ts'
import type { LinkEnd, LinkTiming } from './live-link.ts'
import { closeSession, openSession, type Recovered, recoverSessions, signAlive } from './live-session.ts'
import { microsecondClock } from './microsecond-clock.ts'
import { type LiveGroup, planLive } from './plan-live.ts'
import { frameRouter } from './route-frames.ts'
import type { PendingBytes } from './spool-file.ts'
import { type UploadReport, uploadQueue } from './upload-queue.ts'
import { webSocketLink } from './websocket-link.ts'

const FLUSH_MICROS = 250_000
const SIGN_MICROS = 1_000_000

export interface RecordOptions {
  readonly adapter: ExchangeAdapter
  /** What to record. Liquidations are connected first, since nobody else keeps them. */
  readonly datasets: readonly DatasetId[]
  /** Where the recordings go. */
  readonly target: ObjectStore
  /** A local folder for what is not there yet; it outlives a crash. One folder may serve several recorders. */
  readonly spool: string
  /** Ends the recording in order: this is how it normally ends. */
  readonly signal: AbortSignal
  /** When a file goes to bronze: 1 hour, or 16 MiB before compression; all at midnight UTC. */
  readonly rotate?: Partial<RotateRule> | undefined
  /** A ping each 10 s, given up after 30 s of silence; 15 s to connect and subscribe. */
  readonly timing?: Partial<LinkTiming> | undefined
  /** The most bytes that may wait for the disk. Default 32 MiB. */
  readonly maxPendingBytes?: number | undefined
  /** How long the last uploads may take after the signal, in microseconds; what is left goes out at the next start. Default 30 s. */
  readonly stopMicros?: number | undefined
  /** Scheme and host that take the place of the venue's own, as in `ws://127.0.0.1:8080`. */
  readonly baseUrl?: string | undefined
  readonly clock?: Clock | undefined
  /** From 0 to below 1, for the waits between two tries. */
  readonly random?: (() => number) | undefined
  /** Told about connections as they come and go. */
  readonly onEvent?: ((event: LiveEvent) => void) | undefined
}

/** What happens to a connection. */
export interface LiveEvent {
  readonly kind: 'covered' | 'ended' | 'malformed' | 'slow-disk'
  readonly at: number
  readonly channel: string
  readonly url: string
  readonly reason?: string | undefined
}

/** What a recording came to. */
export interface RecordReport extends UploadReport {
  readonly seconds: number
  /** `gaps` are times that the coverage was lost before the end; what was never covered has none, and nothing is known of it. */
  readonly datasets: readonly {
    readonly id: string
    readonly frames: number
    readonly gaps: number
    readonly wasCovered: boolean
  }[]
  readonly frames: number
  /** Connections that were opened, and those that ended before the signal. */
  readonly connections: number
  readonly reconnects: number
  /** Frames that are no JSON. */
  readonly malformed: number
  /** Frames that no dataset of the connection claims. */
  readonly unclaimed: number
  /** Times that a connection was dropped because the disk was too slow. */
  readonly slowDisk: number
  /** What crashed recorders had left in the spool. */
  readonly recovered: Recovered
}

/**
 * Records what a venue sends live into bronze, exactly as received, until the signal aborts.
 *
 * Each frame is a line of a file in the spool, written each quarter of a second: a `kill -9` loses a second at most;
 * files go to bronze by time and size, and those of a crashed recorder at the next start. When every frame came, and
 * when not and why, stands in the same files: see {@link readCoverage}. Connections are kept: pinged, given up when
 * they are silent, opened again after random waits that double up to half a minute.
 *
 * @returns after the signal, once everything is in bronze, or `stopMicros` have passed
 * @throws {@link LakeError} `UNSUPPORTED` when the venue does not send a dataset; `BAD_REQUEST` when it refuses a
 * subscription that it never accepted; `BLOCKED_REGION` when it does not serve this region; `NO_SPACE` or
 * `STORE_FAILED` when the spool cannot be written. What was recorded is then in the spool, and goes out at the next start.
 *
 * @example
 * const report = await recordLive({ adapter: binance, datasets, target, spool: './spool', signal })
 * console.log(report.frames, 'frames')
 */
export async function recordLive(options: RecordOptions): Promise<RecordReport> {
  const {
    adapter,
    datasets,
    target,
    spool,
    signal,
    clock = microsecondClock(),
    random = Math.random,
    onEvent,
  } = options
  const { maxPendingBytes = 32 * 2 ** 20, stopMicros = 30_000_000 } = options
  const rotate: RotateRule = { everyMicros: 3_600_000_000, bytes: 16 * 2 ** 20, ...options.rotate }
  const timing: LinkTiming = {
    ...{ pingMicros: 10_000_000, stallMicros: 30_000_000, connectMicros: 15_000_000 },
    ...options.timing,
  }
  const groups = planLive(adapter, datasets)
  const startedAt = clock.now()
  const session = await spoolFailure(openSession(spool, startedAt))
  const pending: PendingBytes = { bytes: 0 }
  const uploads = uploadQueue({ store: target, clock, random })
  const links = new Map<string, number>()
  const counts = { connections: 0, reconnects: 0, malformed: 0, unclaimed: 0, slowDisk: 0 }
  const stop = new AbortController()
  const ending = AbortSignal.any([signal, stop.signal])
  const recordings: DatasetRecording[] = []
  const brakes: Brake[] = []

  const recovering = recoverSessions(spool, target).catch(() => ({ sessions: 0, frames: 0, objects: 0 }))
  const housekeeping = keepHouse()
  let failure: LakeError | undefined
  const running = groups.map((group, index) => runGroup(group, `${index}`))
  await Promise.race([Promise.all(running), housekeeping])
  stop.abort()
  await Promise.all(running)
  await housekeeping
  const now = clock.now()
  const closed = await Promise.allSettled(recordings.map((recording) => recording.close(now)))
  const unwritten = closed.find((one) => one.status === 'rejected')
  const report = await uploads.finish(stopMicros)
  const recovered = await recovering
  failure ??= unwritten === undefined ? undefined : spoolError(unwritten.reason)
  const isEmpty = report.left === 0 && failure === undefined
  // What cannot be cleared away is taken over by the next recorder.
  await closeSession(session.folder, isEmpty).catch(() => undefined)
  if (failure !== undefined) throw failure
  return {
    seconds: (clock.now() - startedAt) / 1_000_000,
    datasets: recordings.map(({ dataset, frames, gaps, wasCovered }) => ({
      ...{ id: formatDatasetId(dataset), frames, gaps, wasCovered },
    })),
    frames: recordings.reduce((sum, { frames }) => sum + frames, 0),
    ...counts,
    ...report,
    recovered,
  }

  /** Writes, rotates and signs until everything ends, or the spool fails. */
  async function keepHouse(): Promise<void> {
    let signedAt = 0
    while (!ending.aborted) {
      await clock.sleep(FLUSH_MICROS, ending).catch(() => undefined)
      const now = clock.now()
      try {
        for (const recording of recordings) recording.tick(now)
        // What is signed is on the disk: what was heard before the write began.
        const heard = new Map(links)
        await Promise.all(recordings.map((recording) => recording.flush()))
        if (pending.bytes < maxPendingBytes / 2) for (const brake of brakes) brake.reason = undefined
        if (now - signedAt >= SIGN_MICROS) {
          await signAlive(session.folder, heard)
          signedAt = now
        }
      } catch (error) {
        failure ??= spoolError(error)
        return
      }
    }
  }

  async function runGroup(group: LiveGroup, link: string): Promise<void> {
    const { channel } = group
    const of = group.datasets.map(
      (dataset, index) =>
        new DatasetRecording({
          ...{ dataset, channel: channel.id, link, session: session.name, folder: session.folder },
          ...{ name: `${link}-${index}`, rotate, pending, onClosed: uploads.add },
        }),
    )
    recordings.push(...of)
    const route = frameRouter(channel, group.datasets)
    const brake: Brake = { reason: undefined, stop: undefined }
    brakes.push(brake)
    const liveLink = openLink(channel, group.datasets)
    const tell = (kind: LiveEvent['kind'], reason?: string): void => {
      onEvent?.({ kind, at: clock.now(), channel: channel.id, url: liveLink.url, reason })
    }
    const end = await keepConnected({
      ...{ link: liveLink, brake, clock, random, signal: ending },
      onAlive: (at) => {
        links.set(link, at)
      },
      events: {
        covered: () => {
          counts.connections++
          const at = clock.now()
          for (const recording of of) recording.covered(at)
          tell('covered')
        },
        frame: (bytes, content) => {
          const at = clock.now()
          if (pending.bytes > maxPendingBytes) {
            brake.reason ??= 'the disk is too slow'
            counts.slowDisk++
            tell('slow-disk')
            brake.stop?.()
            return
          }
          const positions = route(content)
          if (positions.length === 0) counts.unclaimed++
          for (const position of positions) of[position]?.frame(at, bytes)
        },
        malformed: (bytes) => {
          counts.malformed++
          const at = clock.now()
          const text = bytes.toString('utf8', 0, 200)
          for (const recording of of) recording.malformed(at, text)
          tell('malformed', text)
        },
        lost: (since, reason) => {
          const at = clock.now()
          for (const recording of of) recording.lost(at, since, reason, !ending.aborted)
        },
        ended: ({ reason }) => {
          if (!ending.aborted) counts.reconnects++
          tell('ended', reason)
        },
      },
    })
    if (end.fatal !== undefined) failure ??= refusal(end, channel, group)
    if (end.fatal !== undefined) stop.abort()
  }

  function openLink(channel: LiveStream, of: readonly DatasetId[]) {
    const { endpoint } = channel
    if (endpoint.kind === 'ccxt') return ccxtLink({ endpoint, datasets: of, timing, baseUrl: options.baseUrl })
    return webSocketLink({ endpoint, url: moveAddress(endpoint.url, options.baseUrl), datasets: of, timing })
  }
}

function refusal({ reason, fatal }: LinkEnd, channel: LiveStream, group: LiveGroup): LakeError {
  const ids = group.datasets.map(formatDatasetId)
  const code = fatal === 'blocked' ? 'BLOCKED_REGION' : 'BAD_REQUEST'
  return new LakeError(code, `${channel.id}: ${reason}. Nothing of it was recorded: ${ids.join(' ')}.`, {
    details: { channel: channel.id, datasets: ids, reason },
  })
}

async function spoolFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw spoolError(error)
  }
}

function spoolError(cause: unknown): LakeError {
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
  const what = cause instanceof Error ? cause.message : String(cause)
  return new LakeError(
    isFull ? 'NO_SPACE' : 'STORE_FAILED',
    `The spool cannot be written: ${what}. Recording has stopped; what was written goes to bronze at the next start.`,
    { cause },
  )
}
