import type { RowSource } from '@lake/core'

/** A value as plain JSON; integers beyond 2^53 as decimal text. */
export type MergeValue = number | string | boolean

/** One input's value of a column where inputs differ. */
export interface MergeVersion {
  /** Name of the input. */
  readonly name: string
  readonly value: MergeValue
}

/** A row of which two inputs, or two rows of one, say different things. */
export interface MergeConflict {
  /** The id of a trade, else the time of the row (epoch microseconds UTC). */
  readonly key: number | string
  readonly column: string
  readonly kept: MergeVersion
  readonly dropped: MergeVersion
}

/** What a merge did. */
export interface MergeReport {
  readonly rowsIn: number
  readonly rowsOut: number
  /** Rows that were another version of a row that was kept: `rowsIn - rowsOut`. */
  readonly duplicates: number
  /** In how many rows the values of a column differ; columns without differences are absent. */
  readonly conflicts: Readonly<Record<string, number>>
  /** In how many rows a null of the believed source was filled from another; columns without are absent. */
  readonly filled: Readonly<Record<string, number>>
  /** The first conflicts in the order of the rows, at most ten. */
  readonly firstConflicts: readonly MergeConflict[]
  /** Files in which each event stood more than once, and how often; only liquidations are counted so. */
  readonly doubledFiles?: Readonly<Record<string, number>> | undefined
  /** The inputs, the most believed first; one whose rows have several sources, once for each of them. */
  readonly inputs: readonly MergeInputReport[]
}

export interface MergeInputReport {
  readonly name: string
  readonly source: RowSource
  readonly rows: number
  /** How many of its rows are in the result, apart from values that filled nulls of others. */
  readonly kept: number
}
