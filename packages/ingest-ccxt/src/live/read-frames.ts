import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import {
  bronzeFramePrefix,
  DAY_MICROS,
  dayOf,
  type DatasetId,
  type FramesName,
  LakeError,
  nextIntervalStart,
  type ObjectStore,
  parseFrameKey,
  type RawPage,
  readObject,
  type TimeRange,
} from '@lake/core'
import { EVENT, FOLDED_FRAME, recordLines } from './frame-line.ts'

const expand = promisify(gunzip)

/** How far the clocks of this machine and of the venue may differ, and how long a frame may take. */
const SLACK_MICROS = 3_600_000_000

export interface ReadFramesOptions {
  readonly store: ObjectStore
  readonly dataset: DatasetId
  /** Event times, within one month: the rows that count. */
  readonly range: TimeRange
  readonly signal?: AbortSignal | undefined
}

/**
 * The recorded frames that may hold rows of a range, as pages for `parsePages`: one page an object of bronze, with one
 * frame a line. Frames that were received up to an hour before and after are looked at too, and those of bars until
 * the bar has ended; rows outside of the range are left out by the parser.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when an object is no recording; what the store throws.
 *
 * @example
 * const pages = readFrames({ store, dataset, range })
 * const series = binance.live?.channels ?? []
 * for await (const { table } of parsePages({ pages, dataset, series })) await write(table)
 */
export async function* readFrames(options: ReadFramesOptions): AsyncGenerator<RawPage, void, undefined> {
  const { store, dataset, range, signal } = options
  const last = dataset.interval === undefined ? range.to : nextIntervalStart(dataset.interval, range.to - 1)
  const received = { from: range.from - SLACK_MICROS, to: last + SLACK_MICROS }
  for await (const { key, name } of recordingsIn(store, dataset, received, signal)) {
    yield await pageOf({ store, dataset, key, range, signal }, name)
  }
}

export interface ReadFramesPageOptions extends ReadFramesOptions {
  /** Of the recording in bronze. */
  readonly key: string
}

/**
 * One recording as a page for `parsePages`, as {@link readFrames} gives it.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the object is no recording; what the store throws.
 *
 * @example
 * const page = await readFramesPage({ store, dataset, key, range })
 */
export async function readFramesPage(options: ReadFramesPageOptions): Promise<RawPage> {
  const name = parseFrameKey(options.key)
  if (name === undefined) throw corrupt(options.key)
  return pageOf(options, name)
}

async function pageOf(
  { store, dataset, key, range, signal }: ReadFramesPageOptions,
  name: FramesName,
): Promise<RawPage> {
  const bytes = await readRecording(store, key, signal)
  return {
    envelope: {
      ...{ dataset, series: name.series, range, sha256: name.sha256, status: 200, headers: {} },
      request: { method: 'live', parameters: {} },
      requestedAt: name.range.from,
      receivedAt: name.range.to,
      // Frames say themselves whether their rows are final.
      asOf: Number.MAX_SAFE_INTEGER,
    },
    ...framesOf(bytes, key),
    lines: true,
    key,
  }
}

/** A recording in bronze. */
export interface RecordingObject {
  readonly key: string
  readonly name: FramesName
}

/** The recordings of a dataset with lines that were received within a range, by their keys alone, in order. */
export async function* recordingsIn(
  store: ObjectStore,
  dataset: DatasetId,
  range: TimeRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<RecordingObject, void, undefined> {
  const firstDay = Math.floor(range.from / DAY_MICROS) * DAY_MICROS
  for (let day = firstDay; day < range.to; day += DAY_MICROS) {
    const found: RecordingObject[] = []
    for await (const { key } of store.list({ prefix: bronzeFramePrefix(dataset, dayOf(day)), signal })) {
      const name = parseFrameKey(key)
      if (name !== undefined && name.range.to >= range.from && name.range.from < range.to) found.push({ key, name })
    }
    yield* found.sort((a, b) => a.name.range.from - b.name.range.from)
  }
}

/** The lines of a recording in bronze. */
export async function readRecording(store: ObjectStore, key: string, signal?: AbortSignal): Promise<Buffer> {
  const bytes = await readObject(store, key, { signal })
  try {
    return await expand(bytes)
  } catch (cause) {
    throw corrupt(key, cause)
  }
}

export function corrupt(key: string, cause?: unknown): LakeError {
  return new LakeError('CORRUPT_LAKE', `${key} is no recording of frames. Put back what was recorded, or remove it.`, {
    cause,
    details: { key },
  })
}

function framesOf(bytes: Buffer, key: string): { readonly body: Buffer; readonly lineTimes: Float64Array } {
  const times: number[] = []
  // Never longer than with the marks of its lines.
  const body = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (const line of recordLines(bytes)) {
    if (line === undefined) throw corrupt(key)
    if (line.kind === EVENT) continue
    if (line.kind === FOLDED_FRAME) length += body.write(unfolded(bytes.toString('utf8', line.start, line.end)), length)
    else length += bytes.copy(body, length, line.start, line.end)
    body[length++] = 10
    times.push(line.at)
  }
  return { body: body.subarray(0, length), lineTimes: Float64Array.from(times) }
}

/** A frame with line ends, on one line: in JSON they stand between values only, where a space says the same. */
function unfolded(json: string): string {
  const text: unknown = JSON.parse(json)
  return String(text).replaceAll(/[\r\n]/g, ' ')
}
