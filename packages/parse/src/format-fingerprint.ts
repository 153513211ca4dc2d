import type { FileTimeUnit } from './time-text.ts'
import type { RowOrder } from './time-order.ts'

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
  readonly order: RowOrder
  /** Rows whose bytes are those of the row before. */
  readonly repeatedRows: number
  readonly rows: number
  /** How many bars the period has room for; null for what is no bar. */
  readonly expectedRows: number | null
}

/** A difference between the forms of two files. */
export interface FormatChange {
  readonly what: 'format' | 'era' | 'header' | 'timeUnit' | 'places' | 'order' | 'repeatedRows'
  /** The source column, where it concerns one. */
  readonly column?: string | undefined
  readonly from: string
  readonly to: string
}

/**
 * What is different about the form of a file than of another, rows and their number aside. Nothing here is wrong: what
 * the format does not know has stopped the file before.
 *
 * @example
 * formatChanges(december, january) // [{ what: 'timeUnit', from: 'ms', to: 'us' }]
 */
export function formatChanges(from: FormatFingerprint, to: FormatFingerprint): readonly FormatChange[] {
  const changes: FormatChange[] = []
  const compare = (what: FormatChange['what'], before: string, after: string, column?: string): void => {
    if (before !== after) changes.push({ what, from: before, to: after, ...(column === undefined ? {} : { column }) })
  }
  compare('format', from.format, to.format)
  compare('era', from.era ?? 'main', to.era ?? 'main')
  compare('header', from.header?.join() ?? 'none', to.header?.join() ?? 'none')
  compare('timeUnit', from.timeUnit, to.timeUnit)
  for (const [column, places] of Object.entries(to.places)) {
    compare('places', String(from.places[column] ?? 0), String(places), column)
  }
  compare('order', from.order, to.order)
  compare('repeatedRows', from.repeatedRows > 0 ? 'some' : 'none', to.repeatedRows > 0 ? 'some' : 'none')
  return changes
}
