import type { RowKeys } from './row-keys.ts'
import { codeAt } from './value-at.ts'

/**
 * Stretches of the merged rows in which the same parts have every row: what a merge copies as a whole.
 *
 * Finding them costs one search a stretch where one part is alone, and one comparison a row where several have it.
 */
export interface Runs {
  /** How many rows each run has. */
  readonly lengths: readonly number[]
  /** For each run, part by part, the first row of the part in it, or -1 where the part has none of its rows. */
  readonly starts: readonly number[]
  /** How many parts there are. */
  readonly parts: number
  /** How many rows all runs have. */
  readonly rows: number
}

/** Rows of one part that stand after each other in the result. */
export interface Piece {
  readonly part: number
  readonly row: number
  readonly length: number
  /** The first row of the result. */
  readonly at: number
}

/** The pieces of which the result consists, from the most believed parts, the last being the most believed. */
export function* piecesOf({ lengths, starts, parts }: Runs): Generator<Piece, void, undefined> {
  let piece: Piece | undefined
  let at = 0
  for (const [run, length] of lengths.entries()) {
    let part = parts - 1
    while ((starts[run * parts + part] ?? -1) < 0) part--
    const row = starts[run * parts + part] ?? 0
    if (piece?.part === part && piece.row + piece.length === row) {
      piece = { ...piece, length: piece.length + length }
    } else {
      if (piece !== undefined) yield piece
      piece = { part, row, length, at }
    }
    at += length
  }
  if (piece !== undefined) yield piece
}

/** The runs of parts whose keys are strictly ascending. */
export function findRuns(parts: readonly RowKeys[]): Runs {
  const cursors = parts.map(cursorOf)
  const lengths: number[] = []
  const starts: number[] = []
  const joined: Cursor[] = []
  let rows = 0
  for (let first = leastOf(cursors); first !== undefined; first = leastOf(cursors)) {
    joined.length = 0
    let bound: Cursor | undefined
    for (const cursor of cursors) {
      if (cursor.row >= cursor.length) continue
      if (isSame(cursor, cursor.row, first, first.row)) joined.push(cursor)
      else if (bound === undefined || isBefore(cursor, cursor.row, bound, bound.row)) bound = cursor
    }
    const reach = bound === undefined ? first.length - first.row : rowsBefore(first, bound)
    const length = joined.length === 1 ? reach : commonLength(joined, first, reach)
    for (const cursor of cursors) starts.push(joined.includes(cursor) ? cursor.row : -1)
    for (const cursor of joined) cursor.row += length
    lengths.push(length)
    rows += length
  }
  return { lengths, starts, parts: parts.length, rows }
}

/** The keys of a part and the first row that is in no run yet. */
interface Cursor {
  readonly high: Int32Array
  readonly low: Uint32Array
  readonly ordinals: Int32Array | undefined
  readonly length: number
  row: number
}

function cursorOf({ keys, ordinals }: RowKeys): Cursor {
  const { buffer, byteOffset, length } = keys
  return {
    high: new Int32Array(buffer, byteOffset, length * 2),
    low: new Uint32Array(buffer, byteOffset, length * 2),
    ordinals,
    length,
    row: 0,
  }
}

function leastOf(cursors: readonly Cursor[]): Cursor | undefined {
  let least: Cursor | undefined
  for (const cursor of cursors) {
    if (cursor.row >= cursor.length) continue
    if (least === undefined || isBefore(cursor, cursor.row, least, least.row)) least = cursor
  }
  return least
}

function isSame(a: Cursor, rowA: number, b: Cursor, rowB: number): boolean {
  if (a.low[2 * rowA] !== b.low[2 * rowB] || a.high[2 * rowA + 1] !== b.high[2 * rowB + 1]) return false
  return a.ordinals?.[rowA] === b.ordinals?.[rowB]
}

function isBefore(a: Cursor, rowA: number, b: Cursor, rowB: number): boolean {
  const highA = codeAt(a.high, 2 * rowA + 1)
  const highB = codeAt(b.high, 2 * rowB + 1)
  if (highA !== highB) return highA < highB
  const lowA = a.low[2 * rowA] ?? 0
  const lowB = b.low[2 * rowB] ?? 0
  if (lowA !== lowB) return lowA < lowB
  return (a.ordinals?.[rowA] ?? 0) < (b.ordinals?.[rowB] ?? 0)
}

/** How many rows of `cursor` stand before the next one of `bound`: steps that double, then a binary search. */
function rowsBefore(cursor: Cursor, bound: Cursor): number {
  const { row, length } = cursor
  let low = row
  let step = 1
  while (low + step < length && isBefore(cursor, low + step, bound, bound.row)) {
    low += step
    step *= 2
  }
  let high = Math.min(length, low + step)
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (isBefore(cursor, middle, bound, bound.row)) low = middle
    else high = middle
  }
  return high - row
}

/** For how many rows, at most `reach`, all cursors have the same keys. */
function commonLength(joined: readonly Cursor[], first: Cursor, reach: number): number {
  let length = reach
  for (const cursor of joined) {
    length = Math.min(length, cursor.length - cursor.row)
    if (cursor === first) continue
    let at = 1
    while (at < length && isSame(cursor, cursor.row + at, first, first.row + at)) at++
    length = Math.min(length, at)
  }
  return length
}
