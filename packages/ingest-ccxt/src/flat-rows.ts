import {
  afterCell,
  afterText,
  afterValue,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  readDigits,
  skipSpace,
  startsWith,
} from './json-bytes.ts'
import type { RowsPlace } from './rows-place.ts'

/*
 * How this is fast: most rows come in a list of flat lists or flat objects, and a walk looks at one or two cells of each.
 * JSON.parse makes a dozen objects of a row, which is two thirds of what a page costs. One pass over the bytes checks the
 * same grammar and notes where those cells are; a cell is read when somebody wants it. What stands around the list is
 * small, and parsed. Whatever is not of that plain form is left to the parser: values in cells, escapes, exponents,
 * numbers whose digits a double cannot hold.
 */

/** The rows of an answer whose rows are flat lists or flat objects. */
export interface FlatRows {
  readonly place: RowsPlace
  readonly count: number
  /** The text of the answer with an empty list in place of its rows. */
  readonly shell: string
  /** What JSON has in one of the cells of `place`; `undefined` where the row has none. */
  readonly cell: (row: number, cell: number) => unknown
  /** The same where it is a whole number of up to 15 digits, quoted or not; `undefined` for anything else. */
  readonly digits: (row: number, cell: number) => number | undefined
}

/** The rows of a body of JSON; `undefined` when it is of another form, or no JSON. */
export function scanFlatRows(body: Uint8Array, place: RowsPlace): FlatRows | undefined {
  // One kind of array, whatever a transport gives: the loops below are compiled for it.
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.length)
  const start = valueAt(bytes, place.path)
  const width = place.cells.length
  const starts: number[] = []
  const end = start < 0 ? -1 : afterRows(bytes, start, rowScanner(place), starts, width)
  if (end < 0) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const after = text.toString('utf8', end)
  const shell = `${text.toString('utf8', 0, start)}[]${after}`
  // A key that comes twice would count where it comes last, and an escape could hide it.
  const isUnique = !after.includes('\\') && !place.path.some((key) => after.includes(JSON.stringify(key)))
  if (!isUnique || !isJson(shell)) return undefined
  return {
    place,
    count: width === 0 ? 0 : starts.length / width,
    shell,
    cell: (row, cell) => readCell(text, starts[row * width + cell] ?? 0),
    digits: (row, cell) => {
      const at = starts[row * width + cell] ?? 0
      return at === 0 ? undefined : readDigits(bytes, at)
    },
  }
}

/** Notes the starts of the wanted cells of one row from `base` on, and gives the place behind the row. */
type RowScanner = (bytes: Uint8Array, start: number, starts: number[], base: number) => number

function afterRows(bytes: Uint8Array, start: number, scanRow: RowScanner, starts: number[], width: number): number {
  if (bytes[start] !== OPEN_LIST) return -1
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === CLOSE_LIST) return at + 1
  for (;;) {
    const base = starts.length
    for (let cell = 0; cell < width; cell++) starts.push(0)
    at = scanRow(bytes, at, starts, base)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === CLOSE_LIST) return at + 1
    if (bytes[at] !== COMMA) return -1
    at = skipSpace(bytes, at + 1)
  }
}

function rowScanner({ shape, cells }: RowsPlace): RowScanner {
  return shape === 'array' ? listScanner(cells.map(Number)) : objectScanner(cells)
}

function listScanner(positions: readonly number[]): RowScanner {
  /** The cell of each position, -1 for those that nobody looks at. */
  const cells = Array.from({ length: Math.max(-1, ...positions) + 1 }, (_, position) => positions.indexOf(position))
  return (bytes, start, starts, base) => {
    if (bytes[start] !== OPEN_LIST) return -1
    let at = skipSpace(bytes, start + 1)
    if (bytes[at] === CLOSE_LIST) return at + 1
    for (let position = 0; ; position++) {
      const cell = position < cells.length ? (cells[position] ?? -1) : -1
      if (cell >= 0) starts[base + cell] = at
      at = afterCell(bytes, at)
      if (at < 0) return -1
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_LIST) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }
}

function objectScanner(names: readonly string[]): RowScanner {
  const keys = names.map(keyBytes)
  return (bytes, start, starts, base) => {
    if (bytes[start] !== OPEN_OBJECT) return -1
    let at = skipSpace(bytes, start + 1)
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    for (;;) {
      const value = afterKey(bytes, at)
      if (value < 0) return -1
      for (let cell = 0; cell < keys.length; cell++) {
        if (startsWith(bytes, at, keys[cell] ?? NO_KEY)) starts[base + cell] = value
      }
      at = afterCell(bytes, value)
      if (at < 0) return -1
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = skipSpace(bytes, at + 1)
    }
  }
}

const NO_KEY = new Uint8Array(0)

function keyBytes(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(name)))
}

/** Where the value of the member that begins here starts; -1 where none begins. */
function afterKey(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== QUOTE) return -1
  const end = afterText(bytes, start)
  const colon = end < 0 ? -1 : skipSpace(bytes, end)
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1
}

/** Where the value starts that these keys lead to; -1 where they lead nowhere. */
function valueAt(bytes: Uint8Array, path: readonly string[]): number {
  let at = skipSpace(bytes, 0)
  for (const key of path) {
    at = memberAt(bytes, at, keyBytes(key))
    if (at < 0) return -1
  }
  return at
}

function memberAt(bytes: Uint8Array, start: number, key: Uint8Array): number {
  if (bytes[start] !== OPEN_OBJECT) return -1
  for (let at = skipSpace(bytes, start + 1); ; at = skipSpace(bytes, at + 1)) {
    const value = afterKey(bytes, at)
    if (value < 0 || startsWith(bytes, at, key)) return value
    const end = afterValue(bytes, value)
    at = end < 0 ? -1 : skipSpace(bytes, end)
    if (bytes[at] !== COMMA) return -1
  }
}

/** Of rows that were scanned, so nothing is checked again. */
function readCell(text: Buffer, start: number): unknown {
  if (start === 0) return undefined
  const end = afterCell(text, start)
  if (text[start] === QUOTE) return text.toString('utf8', start + 1, end - 1)
  return readDigits(text, start) ?? JSON.parse(text.toString('utf8', start, end))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
