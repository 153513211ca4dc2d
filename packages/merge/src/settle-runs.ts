import type { Runs } from './find-runs.ts'
import type { RunColumn } from './column-runs.ts'

/** A row of a part: the place of the part, and the row in it. */
export type PartRow = readonly [part: number, row: number]

/** Two versions of a row that differ in a column. */
interface RunDifference {
  /** The row of the result. */
  readonly at: number
  readonly kept: PartRow
  readonly dropped: PartRow
}

/** What the parts said of one column. */
export interface RunSettlement {
  readonly conflicts: number
  readonly filled: number
  /** The first differences, at most `limit`. */
  readonly first: readonly RunDifference[]
}

export interface SettleRunsOptions {
  /** How many differences to show. */
  readonly limit: number
  /** Called with each row of the result whose null another part can fill. */
  readonly fill: (at: number, from: PartRow) => void
}

/**
 * Compares the rows that several parts have: which values conflict, and which nulls of the most believed part the
 * next one with a value fills.
 */
export function settleRuns(column: RunColumn, runs: Runs, { limit, fill }: SettleRunsOptions): RunSettlement {
  const { lengths, starts, parts } = runs
  const first: RunDifference[] = []
  let conflicts = 0
  let filled = 0
  let at = 0
  /** The parts that have the rows of a run, the most believed first, in pairs of part and first row. */
  const having: number[] = []
  for (let run = 0; run < lengths.length; run++) {
    const length = lengths[run] ?? 0
    having.length = 0
    for (let part = parts - 1; part >= 0; part--) {
      const row = starts[run * parts + part] ?? -1
      if (row >= 0) having.push(part, row)
    }
    if (having.length > 2) settle(length)
    at += length
  }
  return { conflicts, filled, first }

  function settle(length: number): void {
    for (let step = agreed(0, length); step < length; step = agreed(step + 1, length)) {
      const kept = firstPair((part, row) => !column.isNull(part, row), step)
      if (kept === undefined) continue
      const dropped = firstPair((part, row) => !column.isNull(part, row) && !column.isSame(...kept, part, row), step)
      if (dropped !== undefined) {
        conflicts++
        if (first.length < limit) first.push({ at: at + step, kept, dropped })
      }
      if (kept[0] === having[0]) continue
      fill(at + step, kept)
      filled++
    }
  }

  /** The first row from `step` on in which not all parts plainly say the same. */
  function agreed(step: number, length: number): number {
    const [part = 0, row = 0] = having
    let same = length - step
    for (let place = 2; place < having.length; place += 2) {
      same = column.agreement(part, row + step, having[place] ?? 0, (having[place + 1] ?? 0) + step, same)
    }
    return step + same
  }

  function firstPair(matches: (part: number, row: number) => boolean, step: number): PartRow | undefined {
    for (let place = 0; place < having.length; place += 2) {
      const part = having[place] ?? 0
      const row = (having[place + 1] ?? 0) + step
      if (matches(part, row)) return [part, row]
    }
    return undefined
  }
}
