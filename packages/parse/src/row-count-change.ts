import type { FormatFingerprint } from '@lake/core'

/** On a grid a file that has so much smaller a share of its rows has holes. */
const FEWER_ON_GRID = 1 / 2

/** So many times the rows that a grid has room for are a file that was doubled; a few too many are told as duplicates. */
const OVER_GRID = 1.5

/** Events come and go: one day often has twice or three times as many as the next. */
const FEWER_EVENTS = 1 / 4

/** Fewer events than this in a file may as well be a quiet day. */
const FEW_EVENTS = 100

/**
 * How many rows a file has against its period, where that is far from what the file before it had: at most half of the
 * share of a grid, or half as many rows again as the grid has room for; at most a quarter of the events a day. Undefined otherwise,
 * and where one of the files does not say.
 *
 * @example
 * rowCountChange(monday, tuesday) // { from: '1440 of 1440', to: '700 of 1440' }
 */
export function rowCountChange(
  from: FormatFingerprint,
  to: FormatFingerprint,
): { readonly from: string; readonly to: string } | undefined {
  if ((from.expectedRows ?? 0) > 0 && (to.expectedRows ?? 0) > 0) {
    const [before, after] = [shareOf(from), shareOf(to)]
    const isOver = after >= OVER_GRID && before < OVER_GRID
    return isOver || after <= Math.min(1, before) * FEWER_ON_GRID ? { from: ofGrid(from), to: ofGrid(to) } : undefined
  }
  // A file of many instruments is compared by all of its rows with another such file only.
  if ((from.ownRows === undefined) !== (to.ownRows === undefined)) return undefined
  const [before, after] = [aDay(from), aDay(to)]
  if (before === undefined || after === undefined || from.rows < FEW_EVENTS) return undefined
  return after <= before * FEWER_EVENTS ? { from: `${before} a day`, to: `${after} a day` } : undefined
}

function shareOf({ rows, expectedRows }: FormatFingerprint): number {
  return rows / (expectedRows ?? rows)
}

function ofGrid({ rows, expectedRows }: FormatFingerprint): string {
  return `${rows} of ${expectedRows ?? rows}`
}

function aDay({ rows, days }: FormatFingerprint): number | undefined {
  return days === undefined ? undefined : Math.round(rows / days)
}
