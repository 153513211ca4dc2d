import type { TableDiff } from '@lake/quality'

/** An input that is not the same in two versions of a partition. */
export interface ChangedInput {
  readonly key: string
  /** The sha256 before; absent when the input is new. */
  readonly before?: string | undefined
  /** The sha256 after; absent when the input is gone. */
  readonly after?: string | undefined
}

/** Rows of a partition that are no more what they were. Plain JSON without clocks: two versions have one. */
export interface RestatedPartition {
  readonly restatement: 1
  /** The partition's key. */
  readonly key: string
  readonly before: string
  readonly after: string
  /** The inputs that are not the same: the cause. */
  readonly inputs: readonly ChangedInput[]
  readonly diff: TableDiff
}

/** How many restated rows of a partition a run tells; the report in the lake lists more. */
const SHOWN = 10

/** What a run tells of restated partitions: the first rows of each. */
export function shortenRestated(restated: readonly RestatedPartition[]): RestatedPartition[] {
  return restated.map((one) => ({ ...one, diff: { ...one.diff, first: one.diff.first.slice(0, SHOWN) } }))
}
