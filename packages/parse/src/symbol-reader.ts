import type { CellReader, StopCode } from './column-reader.ts'
import type { Strip } from './strip.ts'

/** A contract that was settled keeps its old name inside of files whose name got this behind it, perhaps repeatedly. */
const SETTLED = /(?:SETTLED)+$/

/** Cells that must be the symbol of the dataset: any other means that the file is not what its name says. */
export class SymbolReader implements CellReader {
  readonly #symbol: string
  readonly #names: readonly Buffer[]

  constructor(symbol: string) {
    this.#symbol = symbol
    this.#names = [...new Set([symbol, symbol.replace(SETTLED, '')])].map((name) => Buffer.from(name))
  }

  read(strip: Strip, end: number): number {
    const { bytes, positions, count } = strip
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      const name = this.#names.find((one) => isAt(bytes, start, one) && bytes[start + one.length] === end)
      if (name === undefined) return index
      positions[index] = start + name.length + 1
    }
    return count
  }

  refusal(): string {
    return `is not ${this.#symbol}`
  }

  stops(): StopCode {
    return 'WRONG_FILE'
  }
}

function isAt(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false
  return true
}
