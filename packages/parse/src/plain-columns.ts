import type { CellReader } from './column-reader.ts'
import type { PlainCells } from './plain-cells.ts'

/** What plain rows are read into, a column after the other. */
export interface PlainColumns {
  readonly cells: readonly PlainCells[]
  /** The first column of integers, by which most rows differ from the row before. */
  readonly firstInteger: number
}

/** The columns of these readers as they are now; undefined when there is one that has no plain cells, or no integers. */
export function plainColumns(readers: readonly CellReader[]): PlainColumns | undefined {
  const cells: PlainCells[] = []
  for (const { plain } of readers) {
    if (plain === undefined) return undefined
    cells.push(plain)
  }
  const firstInteger = cells.findIndex(({ kind }) => kind === 'integer')
  return firstInteger < 0 ? undefined : { cells, firstInteger }
}
