import type { ColumnValues, DecimalColumn, NullableFloats, PackedFlags } from '@lake/core'
import type { ColumnKind } from './column-kind.ts'
import type { Checksums } from './page-body.ts'
import type { Run } from './row-run.ts'
import type { SharedMemory } from './table-memory.ts'

/**
 * Columns of a file that threads shall decode, sent to each of them once: all that crosses is plain data. A thread that is done
 * with a task takes the next one that nobody took, and answers when there is none left.
 */
export interface ColumnJob {
  /** The open file, as the system counts those of the process. */
  readonly descriptor: number
  readonly checksums: Checksums
  /** The rows that are wanted, by the places of the row groups in the footer. */
  readonly selections: readonly SelectedRuns[]
  /** That of kernels which values shall lie in, if they shall. */
  readonly memory: SharedMemory | undefined
  readonly tasks: readonly ColumnTask[]
  /** One number, shared by all threads: how many of the tasks were taken, or more where somebody found none. */
  readonly taken: Int32Array
}

/** The rows that are wanted of a row group. */
export interface SelectedRuns {
  readonly group: number
  readonly runs: readonly Run[]
}

/** A column, or a part of one, that a thread shall decode. */
export interface ColumnTask {
  readonly column: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  /** Selections `[from, to)` of the job, and how many rows they have. */
  readonly from: number
  readonly to: number
  readonly rows: number
  /** Where the values shall lie: a place in the memory of the job, or memory; `undefined` where the thread makes it. */
  readonly room: number | ArrayBuffer | undefined
  /** True where the memory before and behind is that of other threads. */
  readonly isPart: boolean
}

/** What a column becomes. */
export type CollectedValues = ColumnValues | NullableFloats | PackedFlags | DecimalColumn

/** What one thread did of a job. */
export type ColumnAnswers = readonly {
  /** Which of the tasks. */
  readonly task: number
  /** `undefined` when the thread failed: whoever asked finds out why when it decodes the column itself. */
  readonly values: CollectedValues | undefined
}[]

/** The memory of all arrays that belongs to one thread alone, which crosses to another one without a copy. */
export function buffersOf(values: CollectedValues): ArrayBuffer[] {
  const arrays: unknown[] = ArrayBuffer.isView(values) ? [values] : Object.values(values)
  return arrays.flatMap((array) =>
    ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer ? [array.buffer] : [],
  )
}
