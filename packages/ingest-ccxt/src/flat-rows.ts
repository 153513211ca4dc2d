/*
 * How this is fast: most bars come as a list of flat lists, and a walk looks at one cell of each row. JSON.parse makes
 * a dozen objects of a row, which is two thirds of what a page costs. One pass over the bytes checks the same grammar
 * and notes where the rows begin; a cell is read when somebody wants it. Whatever is not of that plain form is left to
 * the parser: nested values, escapes, exponents, numbers whose digits a double cannot hold.
 */

/** The rows of an answer that is a list of flat lists, and nothing else. */
export interface FlatRows {
  readonly count: number
  /** What JSON has there; `undefined` beyond the end of a row. */
  readonly cell: (row: number, column: number) => unknown
}

const [TAB, LINE_FEED, RETURN, SPACE, QUOTE, COMMA, MINUS, POINT, ZERO, NINE, OPEN, BACKSLASH, CLOSE] = [
  9, 10, 13, 32, 34, 44, 45, 46, 48, 57, 91, 92, 93,
]
const WORDS = ['null', 'true', 'false'].map((word) => Buffer.from(word))
/** More digits in a row may be more than a double holds. */
const MOST_DIGITS = 15

/** The rows of a body of JSON; `undefined` when it is of another form, or no JSON. */
export function scanFlatRows(body: Uint8Array): FlatRows | undefined {
  // One kind of array, whatever a transport gives: the loops below are compiled for it.
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.length)
  const starts: number[] = []
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== OPEN) return undefined
  at = skipSpace(bytes, at + 1)
  if (bytes[at] !== CLOSE) {
    for (;;) {
      if (bytes[at] !== OPEN) return undefined
      starts.push(at + 1)
      at = afterRow(bytes, at + 1)
      if (at < 0) return undefined
      at = skipSpace(bytes, at)
      if (bytes[at] === CLOSE) break
      if (bytes[at] !== COMMA) return undefined
      at = skipSpace(bytes, at + 1)
    }
  }
  if (skipSpace(bytes, at + 1) !== bytes.length) return undefined
  return { count: starts.length, cell: (row, column) => readCell(bytes, starts[row], column) }
}

/** Behind the bracket that closes a row; -1 when the row is not flat. */
function afterRow(bytes: Uint8Array, start: number): number {
  let at = skipSpace(bytes, start)
  if (bytes[at] === CLOSE) return at + 1
  for (;;) {
    at = afterCell(bytes, at)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    if (bytes[at] === CLOSE) return at + 1
    if (bytes[at] !== COMMA) return -1
    at = skipSpace(bytes, at + 1)
  }
}

function afterCell(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0
  if (first === QUOTE) return afterText(bytes, start + 1)
  if (first === MINUS || isDigit(first)) return afterNumber(bytes, start)
  for (const word of WORDS) {
    if (word.every((byte, place) => bytes[start + place] === byte)) return start + word.length
  }
  return -1
}

function afterText(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH || byte < SPACE) return -1
  }
  return -1
}

function afterNumber(bytes: Uint8Array, start: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start
  let at = afterDigits(bytes, first)
  // A leading zero stands alone, and there is no number without a digit.
  if (at === first || at - first > MOST_DIGITS || (bytes[first] === ZERO && at > first + 1)) return -1
  if (bytes[at] === POINT) {
    const places = at + 1
    at = afterDigits(bytes, places)
    if (at === places || at - places > MOST_DIGITS) return -1
  }
  return at
}

function afterDigits(bytes: Uint8Array, start: number): number {
  let at = start
  while (isDigit(bytes[at] ?? 0)) at += 1
  return at
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (isSpace(bytes[at] ?? 0)) at += 1
  return at
}

/** Of rows that were scanned, so nothing is checked again. */
function readCell(bytes: Uint8Array, start: number | undefined, column: number): unknown {
  if (start === undefined) return undefined
  let at = skipSpace(bytes, start)
  if (bytes[at] === CLOSE) return undefined
  for (let left = column; left > 0; left--) {
    at = skipSpace(bytes, afterCell(bytes, at))
    if (bytes[at] === CLOSE) return undefined
    at = skipSpace(bytes, at + 1)
  }
  const end = afterCell(bytes, at)
  return (
    readInteger(bytes, at, end) ?? JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString())
  )
}

/** The digits of a time or a number without a text in between; `undefined` for anything else. */
function readInteger(bytes: Uint8Array, start: number, end: number): number | undefined {
  let value = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (!isDigit(byte)) return undefined
    value = value * 10 + (byte - ZERO)
  }
  return value
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB
}
