import type { CollectedValues, SelectedRuns } from './column-task.ts'

/** Rows of a column that one thread decodes, while others do with those before and behind. */
export interface ColumnPart {
  /** Selections `[from, to)`. */
  readonly from: number
  readonly to: number
  /** The first row, of all that are wanted, and how many there are. */
  readonly start: number
  readonly rows: number
}

// Of fewer rows a thread is done before another one has heard of them.
const LEAST_ROWS = 1 << 17

/** All of a column. */
export function wholeColumn(selections: readonly SelectedRuns[], rows: number): ColumnPart {
  return { from: 0, to: selections.length, start: 0, rows }
}

/**
 * The two halves of a column, or as near to halves as its row groups allow; the column as it is where it is short. Columns
 * as they are can leave one thread with the last of them, while all others wait.
 */
export function partsOf(selections: readonly SelectedRuns[], rows: number): readonly ColumnPart[] {
  let before = 0
  const counts = selections.map(({ runs }) => runs.reduce((sum, { start, end }) => sum + end - start, 0))
  const cut = counts.findIndex((count) => (before += count) >= rows / 2) + 1
  if (rows < LEAST_ROWS || cut >= selections.length) return [wholeColumn(selections, rows)]
  return [
    { from: 0, to: cut, start: 0, rows: before },
    { from: cut, to: selections.length, start: before, rows: rows - before },
  ]
}

/** The column that parts make, of which each lies where it belongs; `undefined` where one could not be decoded. */
export function joinParts(
  parts: readonly ColumnPart[],
  answers: readonly (CollectedValues | undefined)[],
  { buffer, at }: { readonly buffer: ArrayBufferLike; readonly at: number },
): CollectedValues | undefined {
  const [first] = answers
  if (first === undefined || answers.includes(undefined)) return undefined
  if (answers.length === 1) return first
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  let nulls: Uint8Array | undefined
  for (const [nth, answer] of answers.entries()) {
    if (answer === undefined || !('nulls' in answer) || answer.nulls === undefined) continue
    nulls ??= new Uint8Array(rows)
    nulls.set(answer.nulls, parts[nth]?.start)
  }
  if (isFloats(first)) return { values: new Float64Array(buffer, at, rows), nulls }
  const values = new BigInt64Array(buffer, at, rows)
  return nulls === undefined ? values : { values, nulls }
}

function isFloats(answer: CollectedValues): boolean {
  return 'values' in answer && answer.values instanceof Float64Array
}
