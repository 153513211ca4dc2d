import type { MergeReport } from '@lake/merge'

/** What a merge dropped and where its inputs disagreed, as counts of a manifest. */
export function mergeCounts({ duplicates, conflicts }: MergeReport): Record<string, number> {
  const byColumn = Object.entries(conflicts).map(([column, count]) => [`conflicting_${column}`, count] as const)
  return { duplicate_rows: duplicates, ...Object.fromEntries(byColumn) }
}

/** The count of lines that were put aside. */
export const QUARANTINED_ROWS = 'quarantined_rows'

/** The count of lines that stand for rows which the venue has taken back. */
export const WITHDRAWN_ROWS = 'withdrawn_rows'

/** Counts by name, added up. */
export function addCounts(parts: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const total: Record<string, number> = {}
  for (const part of parts) {
    for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count
  }
  return total
}
