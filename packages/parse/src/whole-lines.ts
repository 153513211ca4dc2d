import { LINE_FEED } from './cursor.ts'

/** The longest line that is read. A longer one is given cut, as the last block: the reader of rows refuses it. */
export const LONGEST_LINE = 65_536

const NEW_LINE = Buffer.of(LINE_FEED)

/**
 * The same bytes in blocks that end with a line feed, wherever the chunks were cut. A last line without one gets it.
 * Only a line that two chunks share is copied.
 */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    if (end === 0) {
      rest = Buffer.concat([rest, bytes])
      if (rest.length <= LONGEST_LINE) continue
      yield Buffer.concat([rest, NEW_LINE])
      return
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
