import { LINE_FEED } from './strip.ts'

/** The longest line that is read. Of a longer one only the beginning is given: the reader of rows refuses it. */
export const LONGEST_LINE = 65_536

const NEW_LINE = Buffer.of(LINE_FEED)

/**
 * The same bytes in blocks that end with a line feed, wherever the chunks were cut. A last line without one gets it.
 * Only a line that two chunks share is copied.
 */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  // Inside of a line whose beginning was given already.
  let isOver = false
  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    if (isOver) {
      const end = bytes.indexOf(LINE_FEED) + 1
      if (end === 0) continue
      isOver = false
      bytes = bytes.subarray(end)
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    if (end === 0) {
      rest = Buffer.concat([rest, bytes])
      if (rest.length <= LONGEST_LINE) continue
      yield Buffer.concat([rest, NEW_LINE])
      rest = Buffer.alloc(0)
      isOver = true
      continue
    }
    let start = 0
    if (rest.length > 0) {
      start = bytes.indexOf(LINE_FEED) + 1
      yield Buffer.concat([rest, bytes.subarray(0, start)])
    }
    if (start < end) yield bytes.subarray(start, end)
    rest = bytes.subarray(end)
  }
  if (rest.length > 0) yield Buffer.concat([rest, NEW_LINE])
}
