import {
  type DatasetId,
  parsePeriod,
  partitionKind,
  type Period,
  periodsIn,
  rangesOverlap,
  reachOf,
  type TimeRange,
} from '@lake/core'
import type { HeldFile } from './held-file.ts'

/** A partition to be made and the bronze files that hold its rows. */
export interface SilverPartition {
  readonly period: Period
  readonly files: readonly HeldFile[]
  /** What the files claim to cover of the period. */
  readonly span: TimeRange
  /** True when they claim nothing of it: a file of the time before reaches into it, perhaps with no row. */
  readonly isOnlyReached: boolean
}

/** The partitions that files of a dataset make up, in order of time. */
export function silverPartitions(dataset: DatasetId, files: readonly HeldFile[]): SilverPartition[] {
  const kind = partitionKind(dataset)
  const byLabel = new Map<string, HeldFile[]>()
  for (const file of files) {
    for (const { label } of periodsIn(kind, reachOf(file.period))) {
      const others = byLabel.get(label)
      if (others === undefined) byLabel.set(label, [file])
      else others.push(file)
    }
  }
  return [...byLabel]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, ofLabel]) => {
      const period = parsePeriod(label)
      const covering = ofLabel.filter((file) => rangesOverlap(file.period, period))
      const isOnlyReached = covering.length === 0
      const claimed = isOnlyReached ? ofLabel.map((file) => reachOf(file.period)) : covering.map((file) => file.period)
      const from = Math.max(period.from, Math.min(...claimed.map((times) => times.from)))
      const to = Math.min(period.to, Math.max(...claimed.map((times) => times.to)))
      return { period, files: ofLabel, span: { from, to }, isOnlyReached }
    })
}
