import { LakeError, type SourceColumn } from '@lake/core'
import type { BadRow } from './bad-row.ts'
import { CARRIAGE_RETURN, isSame, LINE_FEED } from './strip.ts'

/** That a file holds the rows of other instruments too. */
export interface SharedFile {
  /** What the names of all of them begin with; empty where they may be any. */
  readonly namesBegin: string
}

export interface OwnLinesOptions {
  readonly file: string
  /** The instrument whose lines are wanted. */
  readonly symbol: string
  readonly shared: SharedFile
  /** The columns that the file has. */
  readonly columns: readonly SourceColumn[]
  readonly delimiter: string
  readonly firstLine: number
  /** Takes note of a line that does not say whose it is, or of a name that condemns the file: then it throws. */
  readonly refuse: (row: BadRow) => void
}

/** So many names are remembered, of files that have any number of them. */
const MOST_NAMES = 100_000

/** No name has quotes, blanks or control characters: a file with such ones is written in another way than was described. */
const NAME = /^[^\s"'\p{C}]+$/u

/**
 * Finds the lines of one instrument in a file of many. Lines of others are told by their name alone: whether the rest of
 * them is right is for whoever reads those.
 */
export class OwnLines {
  /** Lines of other instruments. */
  passedOver = 0
  readonly #options: OwnLinesOptions
  readonly #delimiter: number
  /** Which cell has the name. */
  readonly #cell: number
  readonly #own: Buffer
  /** Names of others that were looked at, by their hash: of names with the same one the last. */
  readonly #others = new Map<number, Buffer>()
  #line: number
  #blankLine = 0
  /** Where the lines that were found last stand in the file. */
  #lines: number[] = []

  /** @throws {@link LakeError} `BAD_FORMAT` when the file has no column that says whose its rows are. */
  constructor(options: OwnLinesOptions) {
    const { file, symbol, columns, delimiter, firstLine } = options
    this.#options = options
    this.#delimiter = delimiter.charCodeAt(0)
    this.#cell = columns.findIndex(({ kind }) => kind === 'symbol')
    this.#own = Buffer.from(symbol)
    this.#line = firstLine
    if (this.#cell >= 0) return
    throw new LakeError(
      'BAD_FORMAT',
      `${file} line 1: the file holds rows of many instruments, and none of its columns says of which: ${columns.map(({ name }) => name).join()}. Nothing of this file was taken: rows of ${symbol} cannot be told from the others.`,
      { details: { file, line: 1, column: null, value: columns.map(({ name }) => name).join() } },
    )
  }

  /** The lines of the instrument in a block of whole lines, in the order of the file and one behind the other. */
  in(block: Buffer, start: number): Buffer {
    this.#lines = []
    const runs: Buffer[] = []
    let from = -1
    for (let position = start; position < block.length; this.#line++) {
      const end = block.indexOf(LINE_FEED, position)
      if (this.#isOwn(block, position, end)) {
        if (from < 0) from = position
        this.#lines.push(this.#line)
      } else if (from >= 0) {
        runs.push(block.subarray(from, position))
        from = -1
      }
      position = end + 1
    }
    if (from >= 0) runs.push(block.subarray(from))
    const [first] = runs
    return runs.length === 1 && first !== undefined ? first : Buffer.concat(runs)
  }

  /** Where a line of those that were found last stands in the file: its number there, for that among them, from 0. */
  lineOf(index: number): number {
    return this.#lines[index] ?? this.#line
  }

  #isOwn(block: Buffer, start: number, end: number): boolean {
    const lineEnd = block[end - 1] === CARRIAGE_RETURN && end > start ? end - 1 : end
    if (this.#blankLine !== 0) {
      this.#refuseLine(this.#blankLine, '', 'is blank, but more lines follow')
      this.#blankLine = 0
    }
    if (lineEnd === start) {
      this.#blankLine = this.#line
      return false
    }
    const from = this.#cellStart(block, start, lineEnd)
    const to = from < 0 ? from : this.#cellEnd(block, from, lineEnd)
    if (from === to) {
      this.#refuseLine(this.#line, block.toString('utf8', start, lineEnd), 'does not say which instrument it is of')
      return false
    }
    const length = to - from
    if (length === this.#own.length && isSame(block, from, this.#own, 0, length)) return true
    this.#meet(block, from, to)
    this.passedOver++
    return false
  }

  /** Where the cell with the name begins; -1 where the line has not so many. */
  #cellStart(block: Buffer, start: number, lineEnd: number): number {
    let from = start
    for (let cell = 0; cell < this.#cell; cell++) {
      from = this.#cellEnd(block, from, lineEnd) + 1
      if (from > lineEnd) return -1
    }
    return from
  }

  #cellEnd(block: Buffer, from: number, lineEnd: number): number {
    let to = from
    while (to < lineEnd && block[to] !== this.#delimiter) to++
    return to
  }

  /** Looks at a name of another, unless it is one that was looked at. */
  #meet(block: Buffer, from: number, to: number): void {
    const length = to - from
    let hash = length
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (block[at] ?? 0)) | 0
    const known = this.#others.get(hash)
    if (known?.length === length && isSame(block, from, known, 0, length)) return
    this.#check(block.toString('utf8', from, to))
    if (this.#others.size >= MOST_NAMES) this.#others.clear()
    this.#others.set(hash, Buffer.from(block.subarray(from, to)))
  }

  #check(name: string): void {
    const { file, columns, shared, refuse } = this.#options
    const fault = { file, line: this.#line, column: columns[this.#cell]?.name, value: name }
    if (!NAME.test(name)) {
      refuse({ fault: { ...fault, why: 'is no name of an instrument' }, text: name, stops: 'BAD_FORMAT' })
    } else if (!name.startsWith(shared.namesBegin)) {
      const why = `does not begin with ${shared.namesBegin}, as all names of this file do`
      refuse({ fault: { ...fault, why }, text: name, stops: 'WRONG_FILE' })
    }
  }

  #refuseLine(line: number, text: string, why: string): void {
    const { file, refuse } = this.#options
    refuse({ fault: { file, line, value: text, why }, text })
  }
}
