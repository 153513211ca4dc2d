import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { bronzeFrameKey, type DatasetId, LakeError, type ObjectStore, parseDatasetId } from '@lake/core'
import { EVENT, eventLine, readEvent, recordLines } from './frame-line.ts'

const compress = promisify(gzip)

/** What a closed recording says about itself. */
interface RecordingInfo {
  readonly dataset: DatasetId
  readonly channel: string
  readonly link: string
  readonly from: number
  readonly to: number
  readonly frames: number
  readonly isClosed: boolean
  readonly isCovered: boolean
  readonly lastFrameAt: number
  /** The bytes of its whole lines. */
  readonly bytes: Buffer
}

/** What happened to a file of the spool. */
export interface UploadedRecording {
  /** `undefined` for a file that held nothing. */
  readonly key: string | undefined
  readonly frames: number
  readonly bytes: number
}

/**
 * Puts a closed file of the spool into bronze, compressed, and removes it. The same file gives the same object, so a
 * crash in between costs nothing.
 *
 * @param aliveAt for files that a crash left open: the last sign of life of a connection
 * @throws {@link LakeError} what the store throws; the file is then still there.
 */
export async function uploadRecording(
  path: string,
  store: ObjectStore,
  aliveAt?: (link: string) => number,
): Promise<UploadedRecording> {
  const info = readInfo(await readFile(path))
  if (info === undefined) {
    await rm(path, { force: true })
    return { key: undefined, frames: 0, bytes: 0 }
  }
  const { bytes, to } = info.isClosed || aliveAt === undefined ? info : closed(info, aliveAt(info.link))
  const body = await compress(bytes)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const key = bronzeFrameKey(info.dataset, { series: info.channel, range: { from: info.from, to }, sha256 })
  try {
    await store.put(key, body, { ifAbsent: true })
  } catch (error) {
    // It is there already: an upload before a crash.
    if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
  }
  await rm(path, { force: true })
  return { key, frames: info.frames, bytes: body.length }
}

/** Ends a recording that a crash left open where its connection was last heard of. */
function closed(info: RecordingInfo, aliveAt: number): { bytes: Buffer; to: number } {
  const since = Math.max(info.lastFrameAt, Math.min(aliveAt, midnightAfter(info.from)))
  const to = Math.max(info.to, since)
  const lost = info.isCovered ? [eventLine(to, { event: 'lost', since, reason: 'the recorder crashed' })] : []
  return { bytes: Buffer.concat([info.bytes, ...lost, eventLine(to, { event: 'close' })]), to }
}

function midnightAfter(micros: number): number {
  return (Math.floor(micros / 86_400_000_000) + 1) * 86_400_000_000
}

function readInfo(file: Buffer): RecordingInfo | undefined {
  const bytes = file.subarray(0, file.lastIndexOf(10) + 1)
  let about: { readonly dataset: DatasetId; readonly channel: string; readonly link: string } | undefined
  let [from, to, frames, lastFrameAt] = [0, 0, 0, 0]
  let [isClosed, isCovered] = [false, false]
  for (const line of recordLines(bytes)) {
    if (line === undefined) continue
    // A clock may be set back.
    to = Math.max(to, line.at)
    if (line.kind !== EVENT) {
      frames++
      lastFrameAt = line.at
      continue
    }
    const event = readEvent(bytes, line)
    if (event?.event === 'open') {
      about = { dataset: parseDatasetId(event.dataset), channel: event.channel, link: event.link }
      from = line.at
      lastFrameAt = line.at
    }
    if (event?.event === 'covered') isCovered = true
    if (event?.event === 'lost') isCovered = false
    if (event?.event === 'close') isClosed = true
  }
  return about === undefined ? undefined : { ...about, from, to, frames, isClosed, isCovered, lastFrameAt, bytes }
}
