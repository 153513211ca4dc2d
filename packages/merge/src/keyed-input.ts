import type { RowSource } from '@lake/core'
import type { Table } from 'apache-arrow'

/** A table; one without `source` was merged before. */
export interface KeyedInput {
  readonly table: Table
  readonly source?: RowSource | undefined
}
