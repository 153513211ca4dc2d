import type { CellReader } from './column-reader.ts'
import { CARRIAGE_RETURN, COMMA, type Cursor, LINE_FEED } from './cursor.ts'

const SPACE = 32
const QUOTE = 34

/** Passes over a cell of any plain text. Quotes and control characters are refused: they could hide a comma. */
export class IgnoredReader implements CellReader {
  read(cursor: Cursor): boolean {
    const { bytes } = cursor
    let position = cursor.position
    let byte = bytes[position] ?? LINE_FEED
    while (byte !== COMMA && byte !== LINE_FEED) {
      if (byte === CARRIAGE_RETURN && bytes[position + 1] === LINE_FEED) break
      if (byte < SPACE || byte === QUOTE) return false
      byte = bytes[++position] ?? LINE_FEED
    }
    cursor.position = position
    return true
  }

  refusal(): string {
    return 'is not plain text'
  }
}
