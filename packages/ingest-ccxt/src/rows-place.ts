import type { PageFormat, SourceColumn } from '@lake/core'

/** Where the rows of an answer lie, and which cells of them a walk looks at. */
export interface RowsPlace {
  /** Keys from the root; empty when the root holds the rows. */
  readonly path: readonly string[]
  /** `array`: a row is a list of cells. `object`: a row is named cells. */
  readonly shape: 'array' | 'object'
  /** Positions in a list, as in `8`; names in an object. None twice. */
  readonly cells: readonly string[]
}

/** The place that a format describes; `undefined` where its rows, or the cells among these, lie deeper than a list of flat rows. */
export function rowsPlaceOf(format: PageFormat, columns: readonly SourceColumn[]): RowsPlace | undefined {
  const { shape, rows: path, only = [] } = format
  if (shape === 'single' || path.includes('*')) return undefined
  const cells = new Set([...columns.map((column) => cellOf(format, column)), ...only.map(({ field }) => field)])
  const isFlat = [...cells].every((cell) => (shape === 'array' ? /^\d+$/.test(cell) : !cell.includes('.')))
  return isFlat ? { path, shape, cells: [...cells] } : undefined
}

/** What a column is called among the cells of a place. */
export function cellOf({ shape, columns }: PageFormat, column: SourceColumn): string {
  return shape === 'array' ? String(columns.indexOf(column)) : column.name
}
