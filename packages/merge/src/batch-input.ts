import type { DataType, LakeTable } from '@lake/core'
import type { MergeOrigin } from './merge-source.ts'

/** Rows to merge, batch after batch, and where they came from. */
export interface BatchInput<D extends DataType> extends MergeOrigin {
  /** Sorted as a whole: trades by id and time, others by `ts_event`. A row may stand twice. */
  readonly batches: AsyncIterable<LakeTable<D>> | Iterable<LakeTable<D>>
}
