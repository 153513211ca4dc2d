import { parsePeriod, type TimeRange } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'

/** A manifest lists so many of a partition; past it the version is kept instead. */
export const LISTED_STRETCHES = 1000

/**
 * The stretches of a version's rows that the version before did not have, told by the times of both, in order. Each
 * stretch, closed-open, holds added rows only.
 *
 * @returns `undefined` when times cannot tell: rows were added at the very time of an earlier row, or earlier ones are gone
 */
export function addedStretches(before: Float64Array, after: Float64Array): TimeRange[] | undefined {
  const added: { from: number; to: number }[] = []
  let old = 0
  // Whether the row before was added: it opens a stretch, or makes it longer.
  let isOpen = false
  for (const time of after) {
    if (before[old] === time) {
      if (isOpen && added.at(-1)?.to === time + 1) return undefined
      old++
      isOpen = false
      continue
    }
    if (old > 0 && before[old - 1] === time) return undefined
    const last = added.at(-1)
    if (isOpen && last !== undefined) last.to = time + 1
    else added.push({ from: time, to: time + 1 })
    isOpen = true
  }
  return old === before.length ? added : undefined
}

/** Where a version has no rows, as its manifest tells, when its bytes are gone: what is there later was added. */
export function emptyStretches({ label, rows, first, last, gaps = [] }: ManifestFile): TimeRange[] {
  const { from, to } = parsePeriod(label)
  if (rows === 0) return [{ from, to }]
  const around = [{ from, to: first }, ...gaps, { from: last + 1, to }]
  return around.filter((range) => range.from < range.to).map((range) => ({ from: range.from, to: range.to }))
}
