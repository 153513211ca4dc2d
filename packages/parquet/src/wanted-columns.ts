import type { ColumnMemory } from '@lake/core'
import type { Field } from 'apache-arrow'
import type { FileColumn } from './file-columns.ts'
import type { Selection } from './read-rows.ts'
import type { ReadThreads } from './read-threads.ts'
import type { TableMemory } from './table-memory.ts'

/** A column of the result: where it comes from and what it shall be. */
export interface WantedColumn {
  readonly column: FileColumn
  readonly field: Field
}

/** The rows that are wanted of a file. */
export interface SelectedRows {
  readonly selections: readonly Selection[]
  readonly rows: number
}

export interface CollectOptions {
  readonly memory?: ColumnMemory | TableMemory | undefined
  readonly threads?: ReadThreads | undefined
  readonly signal?: AbortSignal | undefined
}
