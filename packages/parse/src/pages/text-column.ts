import type { WordColumn } from '@lake/core'
import { JSON_ARRAY, JSON_STRING, type JsonTape } from './json-tape.ts'
import type { PageColumn } from './json-column.ts'

/** A longer text is no word. */
const LONGEST = 256

/** Words: those of a list, each of which stands for one in silver, or whatever short text comes. */
export class TextColumn implements PageColumn {
  readonly #meanings: ReadonlyMap<string, string> | undefined
  readonly #codes = new Map<string, number>()
  #words: string[] = []
  #rows = new Int32Array(0)
  /** The last text and its code: most columns of words say the same again and again. */
  #last = Buffer.alloc(0)
  #lastCode = -1

  constructor(words: Readonly<Record<string, string>> | undefined) {
    this.#meanings = words === undefined ? undefined : new Map(Object.entries(words))
  }

  read(tape: JsonTape, entry: number, row: number): boolean {
    const kind = tape.kinds[entry] ?? 0
    if (kind <= JSON_ARRAY) return false
    const [start = 0, end = 0] = [tape.starts[entry], tape.ends[entry]]
    if (kind === JSON_STRING && this.#lastCode >= 0 && tape.bytes.compare(this.#last, 0, undefined, start, end) === 0) {
      this.#rows[row] = this.#lastCode
      return true
    }
    const code = end - start > LONGEST ? -1 : this.#codeOf(tape.text(entry))
    this.#rows[row] = code
    if (code < 0) return false
    if (kind === JSON_STRING) {
      this.#last = Buffer.from(tape.bytes.subarray(start, end))
      this.#lastCode = code
    }
    return true
  }

  clear(row: number): void {
    this.#rows[row] = -1
  }

  refusal(text: string): string {
    if (this.#meanings === undefined) return text === '' ? 'is empty' : `is longer than ${LONGEST} bytes`
    return `is none of ${[...this.#meanings.keys()].join(' ')}`
  }

  reserve(rows: number): void {
    const codes = new Int32Array(rows)
    codes.set(this.#rows)
    this.#rows = codes
  }

  take(rows: number): WordColumn {
    const column = { codes: this.#rows.slice(0, rows), words: this.#words }
    this.#rows = new Int32Array(0)
    this.#words = []
    this.#codes.clear()
    this.#lastCode = -1
    return column
  }

  #codeOf(text: string): number {
    const word = this.#meanings === undefined ? text : this.#meanings.get(text)
    if (word === undefined || word === '') return -1
    const known = this.#codes.get(word)
    if (known !== undefined) return known
    const code = this.#words.push(word) - 1
    this.#codes.set(word, code)
    return code
  }
}
