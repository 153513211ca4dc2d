import { LakeError } from '@lake/core'
import { badRow, type BadRow, printable } from './bad-row.ts'

/** Bad rows of a file are put aside, and the others taken, as long as they are few. */
export interface QuarantineOptions {
  /** The largest share of a file's lines that may be bad; past it the file is refused. Default 0.001. */
  readonly limit?: number | undefined
}

/** A line that was put aside. */
export interface QuarantinedRow {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** The name in the source; null when the line as a whole is wrong. */
  readonly column: string | null
  /** What stands there. */
  readonly value: string
  /** Why it is refused, as words that follow the value. */
  readonly reason: string
  /** The line, cut at 1000 characters. */
  readonly text: string
}

const DEFAULT_LIMIT = 0.001
const LONGEST_TEXT = 1000
/** More bad rows than this are not held in memory, whatever the file's size. */
const MOST_ROWS = 100_000

/** The bad rows of one file. */
export class Quarantine {
  readonly rows: QuarantinedRow[] = []
  readonly #limit: number | undefined
  #first: LakeError | undefined
  #ownerless = 0

  /**
   * @param options without them the first bad row is thrown
   * @throws {@link LakeError} `BAD_REQUEST` when the limit is no share
   */
  constructor(options: QuarantineOptions | undefined) {
    this.#limit = options === undefined ? undefined : (options.limit ?? DEFAULT_LIMIT)
    if (this.#limit === undefined || (this.#limit >= 0 && this.#limit <= 1)) return
    throw new LakeError('BAD_REQUEST', `The limit of a quarantine is a share from 0 to 1, not ${this.#limit}.`)
  }

  /** Puts a row aside, or throws: without quarantine, for a row that condemns the file, or when there are too many. */
  add({ fault, text, stops }: BadRow): void {
    const error = badRow(fault, stops)
    if (this.#limit === undefined || stops !== undefined) throw error
    this.#first ??= error
    const { file, line, column = null, value, why } = fault
    const shown = printable(value)
    this.rows.push({ file, line, column, value: shown, reason: why, text: text.slice(0, LONGEST_TEXT) })
    if (this.rows.length > MOST_ROWS) this.#refuse(`more than ${MOST_ROWS} bad rows`)
  }

  /** The same of a line that does not say which instrument it is of. */
  addOwnerless(row: BadRow): void {
    this.add(row)
    this.#ownerless++
  }

  /**
   * Throws when the bad rows are too large a share of a file's rows. In a file of many instruments that is a share of
   * the rows of this one; of lines that do not say whose they are, one of all lines.
   */
  check(goodRows: number, otherRows = 0): void {
    const bad = this.rows.length - this.#ownerless
    const all = goodRows + bad
    this.#checkShare(bad, all, `of ${all}${otherRows === 0 ? '' : ' of the instrument'}`)
    const lines = all + otherRows + this.#ownerless
    this.#checkShare(this.#ownerless, lines, `that name no instrument of ${lines} in all`)
  }

  #checkShare(bad: number, all: number, which: string): void {
    if (this.#limit === undefined || bad <= this.#limit * all) return
    this.#refuse(`${bad} bad ${bad === 1 ? 'row' : 'rows'} ${which}, more than a share of ${this.#limit}`)
  }

  #refuse(what: string): never {
    const { message = '', details = {} } = this.#first ?? {}
    throw new LakeError('BAD_ROW', `The file has ${what}. The first: ${message}`, {
      details: { ...details, badRows: this.rows.length },
      cause: this.#first,
    })
  }
}
