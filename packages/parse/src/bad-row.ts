import { LakeError } from '@lake/core'
import type { StopCode } from './column-reader.ts'

const LONGEST = 60

/** Ends every message about the content of a file: what state is left, and what to do. */
export const NOTHING_TAKEN =
  'Nothing of this file was taken; compare it with its published checksum and fetch it again, or leave it out.'

/** Where a row is wrong. */
export interface RowFault {
  readonly file: string
  readonly line: number
  /** Absent when the line as a whole is wrong. */
  readonly column?: string | undefined
  readonly value: string
  /** Follows the value, or the line: "is not a decimal number", "has 11 columns". */
  readonly why: string
}

/** A line that is no row. */
export interface BadRow {
  readonly fault: RowFault
  /** The whole line. */
  readonly text: string
  /** When it condemns the whole file. */
  readonly stops?: StopCode | undefined
}

/** A `BAD_ROW`, or what condemns the file, that names file, line, column and value. */
export function badRow({ file, line, column, value, why }: RowFault, code: StopCode = 'BAD_ROW'): LakeError {
  const shown = printable(value)
  const what =
    column === undefined
      ? `line ${line} ${why}${value === '' ? '' : `: '${shown}'`}${lineEndHint(value)}`
      : `line ${line}, column ${column}: '${shown}' ${why}`
  return new LakeError(code, `${file} ${what}. ${NOTHING_TAKEN}`, {
    details: { file, line, column: column ?? null, value: shown },
  })
}

/** Of text that other programs would read as several lines: what is taken for the end of one. */
export function lineEndHint(text: string): string {
  return text.includes('\r') ? ' (a carriage return alone ends no line: lines must end in LF or CRLF)' : ''
}

/** A text that can stand in a message: cut at 60 characters, with control characters escaped. */
export function printable(text: string): string {
  // Cut before the characters are counted: a line can be as long as a file.
  const characters = Array.from(text.slice(0, 4 * LONGEST))
  const shown = characters
    .slice(0, LONGEST)
    .join('')
    .replace(/[\p{C}\p{Z}]/gu, escaped)
  return characters.length > LONGEST ? `${shown}…` : shown
}

function escaped(character: string): string {
  if (character === ' ') return character
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
