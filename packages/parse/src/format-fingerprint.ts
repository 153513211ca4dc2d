import type { FormatFingerprint, SourceColumn, SourceFormat } from '@lake/core'
import { rowCountChange } from './row-count-change.ts'

/** A difference between the forms of two files. */
export interface FormatChange {
  readonly what: 'format' | 'era' | 'header' | 'timeUnit' | 'places' | 'order' | 'repeatedRows' | 'rows'
  /** The source column, where it concerns one. */
  readonly column?: string | undefined
  readonly from: string
  readonly to: string
}

/**
 * What is different about the form of a file than of another. The number of rows against the period is a difference
 * only when it has fallen far, or is far more than the period has room for. Whether the format knows of a change says
 * {@link isKnownChange}.
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
  // The few rows that an instrument has in a file of many say little: only that numbers became longer.
  const isPart = from.ownRows !== undefined || to.ownRows !== undefined
  for (const [column, places] of Object.entries(to.places)) {
    const before = from.places[column] ?? 0
    if (!isPart || places > before) compare('places', String(before), String(places), column)
  }
  if (!isPart) {
    compare('order', from.order, to.order)
    compare('repeatedRows', from.repeatedRows > 0 ? 'some' : 'none', to.repeatedRows > 0 ? 'some' : 'none')
  }
  const rows = rowCountChange(from, to)
  if (rows !== undefined) changes.push({ what: 'rows', ...rows })
  return changes
}

/** Places that a column is known to have when its description says nothing. */
const USUAL_PLACES = 8

/** How many decimal places a column is known to have. */
export function knownPlaces({ places = USUAL_PLACES }: SourceColumn): number {
  return places
}

/**
 * Whether a change is one that the format knows: every one but more decimal places than it describes, and times that
 * went back from microseconds to milliseconds. Given the earlier fingerprint as `previousFormat`, `parseArchive` stops
 * a file with an unknown one at the line where it shows.
 *
 * @example
 * formatChanges(december, january).every((change) => isKnownChange(change, format))
 */
export function isKnownChange({ what, column, from, to }: FormatChange, format: SourceFormat): boolean {
  if (what === 'timeUnit') return !(from === 'us' && to === 'ms')
  if (what !== 'places') return true
  const columns = [format, ...(format.variants ?? [])].flatMap((one) =>
    one.columns.filter(({ name }) => name === column),
  )
  return Number(to) <= Math.max(Number(from), ...columns.map(knownPlaces))
}
