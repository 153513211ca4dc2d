import * as z from 'zod'

/*
 * A recording is lines. The first letter says what a line is, the instant of its receipt in epoch microseconds
 * follows, and behind a tab stands the rest:
 *
 *   F1778198400000000<TAB>{"stream":...}            a frame, byte for byte as received
 *   J1778198400000000<TAB>"{\n}"                    a frame with line ends in it, as a JSON string
 *   E1778198400000000<TAB>{"event":"covered",...}   what happened to the recording itself
 *
 * So a recording explains itself, `grep ^F` gives the frames, and whatever was cut off by a crash is its last line.
 */

const FRAME = 70
export const FOLDED_FRAME = 74
export const EVENT = 69
const [TAB, LINE_FEED, CARRIAGE_RETURN] = [9, 10, 13] as const
const END = Buffer.of(LINE_FEED)

const recordEvent = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('open'),
    format: z.literal(1),
    session: z.string(),
    dataset: z.string(),
    channel: z.string(),
    link: z.string(),
  }),
  z.strictObject({ event: z.literal('covered') }),
  z.strictObject({ event: z.literal('lost'), since: z.number(), reason: z.string() }),
  z.strictObject({ event: z.literal('malformed'), text: z.string() }),
  z.strictObject({ event: z.literal('close') }),
])

/**
 * What happened to a recording.
 *
 * | event | meaning |
 * |---|---|
 * | `open` | the file begins: what it is a recording of |
 * | `covered` | from now on every frame that the venue sends is here |
 * | `lost` | from `since` on that is no longer so, for this reason |
 * | `malformed` | something came that is no JSON: a frame of this dataset may be lost |
 * | `close` | the file ends; if it was covered, it was up to now |
 */
export type RecordEvent =
  | {
      readonly event: 'open'
      readonly format: 1
      readonly session: string
      readonly dataset: string
      readonly channel: string
      readonly link: string
    }
  | { readonly event: 'covered' }
  | { readonly event: 'lost'; readonly since: number; readonly reason: string }
  | { readonly event: 'malformed'; readonly text: string }
  | { readonly event: 'close' }

/** A frame as the parts of its line. */
export function frameLine(at: number, frame: Buffer): readonly Buffer[] {
  if (frame.includes(LINE_FEED) || frame.includes(CARRIAGE_RETURN)) {
    return [Buffer.from(`J${at}\t${JSON.stringify(frame.toString('utf8'))}\n`)]
  }
  return [Buffer.from(`F${at}\t`), frame, END]
}

/** An event as its line. */
export function eventLine(at: number, event: RecordEvent): Buffer {
  return Buffer.from(`E${at}\t${JSON.stringify(event)}\n`)
}

/** One line of a recording: where its content lies in the bytes. */
export interface RecordLine {
  readonly kind: number
  readonly at: number
  readonly start: number
  readonly end: number
}

/** The whole lines of a recording; what follows the last line feed is none. `undefined` for one that is no such line. */
export function* recordLines(bytes: Buffer): Generator<RecordLine | undefined, void, undefined> {
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, from)
    if (end === -1) return
    const tab = bytes.indexOf(TAB, from)
    const at = tab > from && tab < end ? Number(bytes.toString('latin1', from + 1, tab)) : Number.NaN
    const kind = bytes[from] ?? 0
    const isLine = Number.isSafeInteger(at) && (kind === FRAME || kind === FOLDED_FRAME || kind === EVENT)
    yield isLine ? { kind, at, start: tab + 1, end } : undefined
    from = end + 1
  }
}

/** The event of a line; `undefined` when it is none that this version knows. */
export function readEvent(bytes: Buffer, line: RecordLine): RecordEvent | undefined {
  try {
    return recordEvent.parse(JSON.parse(bytes.toString('utf8', line.start, line.end)))
  } catch {
    return undefined
  }
}
