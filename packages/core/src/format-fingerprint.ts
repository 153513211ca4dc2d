/** The units of the times in a file; `text` are calendar dates with a clock. */
export type FileTimeUnit = 's' | 'ms' | 'us' | 'ns' | 'text'

/** How the event times of a file follow each other; one row, and equal times, are ascending. */
export type FileOrder = 'ascending' | 'descending' | 'mixed'

/** What a file was found to look like, as plain JSON: to be kept, and compared with that of the next file. */
export interface FormatFingerprint {
  /** The id of the format that describes it. */
  readonly format: string
  /** Which of the format's sets of columns it has; null for the main one. */
  readonly era: string | null
  /** The names in its header; null when it has none. */
  readonly header: readonly string[] | null
  readonly columns: number
  readonly timeUnit: FileTimeUnit
  /** The most decimal places, zeros at the end included, by source column. */
  readonly places: Readonly<Record<string, number>>
  readonly order: FileOrder
  /** Rows whose bytes are those of the row before. */
  readonly repeatedRows: number
  /** In a file of many instruments, the rows of all of them. */
  readonly rows: number
  /** How many of these are of the dataset's instrument; absent where the file is of that one alone. */
  readonly ownRows?: number | undefined
  /**
   * How many rows the period has room for, where they lie on a grid, as bars and metrics do; null where they do not, and
   * for a file of many instruments.
   */
  readonly expectedRows: number | null
  /** How many days the period has; absent where it has no end, and in the notes of earlier releases. */
  readonly days?: number | undefined
}
