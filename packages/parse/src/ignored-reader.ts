import type { CellReader } from './column-reader.ts'
import type { PlainCells } from './plain-cells.ts'
import { QUOTE, SPACE, type Strip } from './strip.ts'

/** Passes over a cell of any plain text. Quotes and control characters are refused: they could hide a delimiter. */
export class IgnoredReader implements CellReader {
  readonly plain: PlainCells = { kind: 'ignored' }
  readonly #delimiter: number

  constructor(delimiter: number) {
    this.#delimiter = delimiter
  }

  read(strip: Strip, end: number): number {
    const { bytes, positions, count } = strip
    const delimiter = this.#delimiter
    for (let index = 0; index < count; index++) {
      let position = positions[index] ?? 0
      let byte = bytes[position] ?? 0
      while (byte !== end) {
        if (byte < SPACE || byte === QUOTE || byte === delimiter) return index
        byte = bytes[++position] ?? 0
      }
      positions[index] = position + 1
    }
    return count
  }

  refusal(): string {
    return 'is not plain text'
  }
}
