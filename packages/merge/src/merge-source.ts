import type { Columns, DataType, RowSource } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'

/** Where rows came from: all that a policy looks at. */
export interface MergeSource {
  /** Unique among the inputs, and the same on every run: the key of the file or page. */
  readonly name: string
  readonly source: RowSource
  /** When the rows were received, epoch microseconds UTC; not known counts as longest ago. */
  readonly receivedAt?: number | undefined
}

/** An input: where its rows came from. */
export interface MergeOrigin extends Omit<MergeSource, 'source'> {
  /** Absent when each row's own `source` says it, as in a table that was merged before. */
  readonly source?: RowSource | undefined
}

/** Rows to merge and where they came from. */
export interface MergeInput<D extends DataType, T extends TypeMap = Columns[D]> extends MergeOrigin {
  readonly table: Table<T>
}

/**
 * Which of two sources is believed where they differ.
 *
 * - `archive-first`: archive, then rest, then ws, then filled
 * - `rest-first`: rest, then archive, then ws, then filled
 * - `newest`: the one received last
 * - a function: negative when `a` is believed, positive when `b` is
 *
 * What the policy leaves open is decided by the later `receivedAt`, then (for `newest`) as in `archive-first`, then
 * by the name that sorts last, so the result never depends on the order of the inputs. A correction is therefore
 * believed when it came later from the same kind of source, and under `newest` from any.
 */
export type MergePolicy = 'archive-first' | 'rest-first' | 'newest' | ((a: MergeSource, b: MergeSource) => number)
