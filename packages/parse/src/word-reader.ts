import type { WordColumn } from '@lake/core'
import type { ColumnReader } from './column-reader.ts'
import { QUOTE, SPACE, type Strip } from './strip.ts'

/** Longer texts are no words. */
const LONGEST_WORD = 64
/** More than these are no words either, but notes. */
const MOST_WORDS = 65_536
const FIRST_TABLE = 64

export interface WordOptions {
  /** What each text of the source stands for; without it, every short text stands for itself. */
  readonly words?: Readonly<Record<string, string>> | undefined
  readonly nullable: boolean
  /** The byte that stands between cells. */
  readonly delimiter: number
}

/** Words as codes. Each cell is hashed on the way to its end and looked up by its bytes; no string is made of it. */
export class WordReader implements ColumnReader {
  readonly #options: WordOptions
  #codes = new Int32Array(0)
  readonly #words: string[] = []
  readonly #codeOfWord = new Map<string, number>()
  readonly #texts: Buffer[] = []
  readonly #codeOfText: number[] = []
  /** Open addressing: index into the texts, or -1. */
  #table = new Int32Array(FIRST_TABLE).fill(-1)

  constructor(options: WordOptions) {
    this.#options = options
    for (const [text, word] of Object.entries(options.words ?? {})) this.#add(Buffer.from(text), word)
  }

  read(strip: Strip, end: number): number {
    const { nullable, words, delimiter } = this.#options
    const { bytes, positions, count, row } = strip
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      const last = start + LONGEST_WORD
      let position = start
      let hash = 0
      let byte = bytes[position] ?? 0
      while (byte !== end) {
        if (byte < SPACE || byte === QUOTE || byte === delimiter || position === last) return index
        hash = (Math.imul(hash, 31) + byte) | 0
        byte = bytes[++position] ?? 0
      }
      let code = -1
      if (position > start || !nullable) {
        code = this.#find(bytes, start, position, hash)
        if (code < 0 && words === undefined) code = this.#learn(bytes, start, position)
        if (code < 0) return index
      }
      this.#codes[row + index] = code
      positions[index] = position + 1
    }
    return count
  }

  refusal(): string {
    const { words } = this.#options
    return words === undefined ? 'is not a short text' : `is none of ${Object.keys(words).join(' ')}`
  }

  reserve(rows: number): void {
    const codes = new Int32Array(rows)
    codes.set(this.#codes)
    this.#codes = codes
  }

  take(rows: number): WordColumn {
    const codes = this.#codes
    this.#codes = new Int32Array(0)
    return { codes: codes.length === rows ? codes : codes.slice(0, rows), words: [...this.#words] }
  }

  #find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#table.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = this.#table[slot] ?? -1
      if (at < 0) return -1
      const text = this.#texts[at]
      if (text?.length === end - start && isSame(text, bytes, start)) return this.#codeOfText[at] ?? -1
    }
  }

  /** The code of a new word; -1 when the text is none. */
  #learn(bytes: Buffer, start: number, end: number): number {
    if (start === end || this.#words.length >= MOST_WORDS) return -1
    const text = Buffer.from(bytes.subarray(start, end))
    const word = text.toString('utf8')
    return Buffer.from(word).equals(text) ? this.#add(text, word) : -1
  }

  #add(text: Buffer, word: string): number {
    const code = this.#codeOfWord.get(word) ?? this.#words.push(word) - 1
    this.#codeOfWord.set(word, code)
    this.#codeOfText.push(code)
    const added = this.#texts.push(text) - 1
    if (2 * this.#texts.length <= this.#table.length) {
      this.#insert(added)
    } else {
      this.#table = new Int32Array(2 * this.#table.length).fill(-1)
      for (let at = 0; at <= added; at++) this.#insert(at)
    }
    return code
  }

  #insert(at: number): void {
    const mask = this.#table.length - 1
    let hash = 0
    for (const byte of this.#texts[at] ?? []) hash = (Math.imul(hash, 31) + byte) | 0
    let slot = hash & mask
    while ((this.#table[slot] ?? -1) >= 0) slot = (slot + 1) & mask
    this.#table[slot] = at
  }
}

function isSame(text: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < text.length; at++) if (text[at] !== bytes[start + at]) return false
  return true
}
