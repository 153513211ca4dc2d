import type { Column } from './column.ts'
import type { RowVersions } from './row-versions.ts'
import { rowAt } from './value-at.ts'

/** Two versions of a row that differ in a column. */
export interface Difference {
  /** Place of the row's versions among all groups of versions. */
  readonly group: number
  readonly kept: number
  readonly dropped: number
}

/** What the versions of rows said of one column. */
export interface Settlement {
  readonly conflicts: number
  readonly filled: number
  /** The first differences, at most `limit`. */
  readonly first: readonly Difference[]
}

/**
 * Writes into the most believed version of each row the most believed value that is not null, and counts where other
 * versions have another one.
 */
export function settleColumn(column: Column, versions: RowVersions, limit: number): Settlement {
  const { rows, groups } = versions
  const first: Difference[] = []
  let conflicts = 0
  let filled = 0
  for (let group = 0; group < groups.length; group += 2) {
    const start = rowAt(groups, group)
    let place = rowAt(groups, group + 1) - 1
    const winner = rowAt(rows, place)
    while (place > start && column.isNull(rowAt(rows, place))) place--
    const kept = rowAt(rows, place)
    const dropped = firstDifference(column, versions, { kept, start, place })
    if (dropped !== undefined) {
      conflicts++
      if (first.length < limit) first.push({ group, kept, dropped })
    }
    if (kept === winner || column.isNull(kept)) continue
    column.copy(kept, winner)
    filled++
  }
  return { conflicts, filled, first }
}

interface Kept {
  readonly kept: number
  readonly start: number
  readonly place: number
}

/** The most believed of the versions below `place` that has another value than the one that is kept. */
function firstDifference(column: Column, { rows }: RowVersions, { kept, start, place }: Kept): number | undefined {
  for (let other = place - 1; other >= start; other--) {
    const row = rowAt(rows, other)
    if (!column.isNull(row) && !column.isSame(kept, row)) return row
  }
  return undefined
}
