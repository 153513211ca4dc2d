import type { Table } from 'apache-arrow'

/** A table that no file of the lake holds: it is computed when a query names it. */
export interface ComputedTable {
  /** What SQL calls it; none of the lake's own tables. */
  readonly name: string
  /** Text columns that hold days, as in `2024-01-31`: SQL sees them as `DATE`. */
  readonly dates?: readonly string[] | undefined
  /** Why it cannot tell how it was at another moment, and what to do instead: sentences that follow the refusal. */
  readonly insteadOfThen?: string | undefined
  /** Its rows as they are now, once for each query that names it. */
  rows(signal?: AbortSignal): Promise<Table>
}
