/*
 * Steps over the bytes of JSON text. Each gives the place behind what it stepped over, and -1 where that is not there or
 * not of the plain form that can be stepped over without an object being made: no escapes, no exponents, no numbers whose
 * digits a double cannot hold.
 */

export const QUOTE = 34
export const COMMA = 44
export const COLON = 58
export const OPEN_LIST = 91
export const CLOSE_LIST = 93
export const OPEN_OBJECT = 123
export const CLOSE_OBJECT = 125
const [TAB, LINE_FEED, RETURN, SPACE, MINUS, POINT, ZERO, NINE, BACKSLASH] = [9, 10, 13, 32, 45, 46, 48, 57, 92]
const WORDS = ['null', 'true', 'false'].map((word) => Buffer.from(word))
/** 1 for the bytes of a text that neither end it nor are an escape, nor have no place in it. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH),
)
const NONE = 256
/** More digits in a row may be more than a double holds. */
const MOST_DIGITS = 15

/** Never -1: there may be no space. */
export function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  // Most venues send none.
  while ((bytes[at] ?? NONE) <= SPACE && isSpace(bytes[at] ?? NONE)) at += 1
  return at
}

/** A text, a number, `null`, `true` or `false`. */
export function afterCell(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0
  if (first === QUOTE) return afterText(bytes, start)
  if (first === MINUS || isDigit(first)) return afterNumber(bytes, start)
  for (const word of WORDS) {
    if (startsWith(bytes, start, word)) return start + word.length
  }
  return -1
}

/** A text with its quotes. */
export function afterText(bytes: Uint8Array, start: number): number {
  let at = start + 1
  while (PLAIN[bytes[at] ?? 0] === 1) at += 1
  return bytes[at] === QUOTE ? at + 1 : -1
}

/** Any value. Inside of lists and objects only texts and brackets are looked at. */
export function afterValue(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== OPEN_LIST && bytes[start] !== OPEN_OBJECT) return afterCell(bytes, start)
  let depth = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1
    else if (byte === QUOTE) {
      const end = afterText(bytes, at)
      if (end < 0) return -1
      at = end - 1
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

/** True when these bytes stand there. */
export function startsWith(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let place = 0; place < wanted.length; place++) {
    if (bytes[start + place] !== wanted[place]) return false
  }
  return true
}

/** The whole number of a cell, quoted or not; `undefined` for anything else, and beyond what a double holds. */
export function readDigits(bytes: Uint8Array, start: number): number | undefined {
  const isQuoted = bytes[start] === QUOTE
  const first = isQuoted ? start + 1 : start
  let value = 0
  let at = first
  for (let byte = bytes[at] ?? 0; isDigit(byte); byte = bytes[at] ?? 0) {
    value = value * 10 + (byte - ZERO)
    at += 1
  }
  const end = bytes[at] ?? 0
  const isWhole = isQuoted ? end === QUOTE : end !== POINT
  return isWhole && at > first && at - first <= MOST_DIGITS ? value : undefined
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

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB
}
