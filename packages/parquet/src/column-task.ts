import type { ColumnValues, DecimalColumn, NullableFloats } from '@lake/core'
import type { ColumnKind } from './column-kind.ts'
import type { Checksums } from './page-body.ts'
import type { Run } from './row-run.ts'
import type { SharedMemory } from './table-memory.ts'

/** A column that a thread shall decode: all that crosses to it is plain data. */
export interface ColumnTask {
  /** The open file, as the system counts those of the process. */
  readonly descriptor: number
  /** Another number for each opening, because the system uses its own ones again. */
  readonly opening: number
  readonly checksums: Checksums
  readonly column: string
  readonly kind: ColumnKind
  readonly nullable: boolean
  readonly rows: number
  /** The rows that are wanted, by the places of the row groups in the footer. */
  readonly selections: readonly { readonly group: number; readonly runs: readonly Run[] }[]
  /** Where the values shall lie; `undefined` where the thread makes the memory. */
  readonly memory: ArrayBuffer | SharedRoom | undefined
  /** True where the memory before and behind is that of other threads. */
  readonly isPart: boolean
}

/** Room in a memory of kernels. */
export interface SharedRoom extends SharedMemory {
  readonly at: number
}

/** What a column becomes. */
export type CollectedValues = ColumnValues | NullableFloats | DecimalColumn

/** `undefined` when the thread failed: whoever asked finds out why when it decodes the column itself. */
export interface ColumnAnswer {
  readonly values: CollectedValues | undefined
}

/** The memory of all arrays that belongs to one thread alone, which crosses to another one without a copy. */
export function buffersOf(values: CollectedValues): ArrayBuffer[] {
  const arrays: unknown[] = ArrayBuffer.isView(values) ? [values] : Object.values(values)
  return arrays.flatMap((array) =>
    ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer ? [array.buffer] : [],
  )
}
