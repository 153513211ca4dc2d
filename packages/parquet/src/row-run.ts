import type { RowGroup } from './file-footer.ts'

/** Rows `[start, end)`, counted from the start of the file. */
export interface Run {
  readonly start: number
  readonly end: number
}

/** A row group and its place in the file. */
export interface Group extends Run {
  readonly rowGroup: RowGroup
  /** Its place in the footer. */
  readonly place: number
}
