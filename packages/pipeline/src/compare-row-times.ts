import type { TimeRange } from '@lake/core'
import { addedStretches, LISTED_STRETCHES } from './added-stretches.ts'
import type { RestatedPartition } from './restated-partition.ts'

/** What a new version does to the rows of the one before. */
export interface VersionComparison {
  /** Whether rows are changed or taken away; `undefined` when nobody can tell, since the old bytes are gone. */
  readonly restates: boolean | undefined
  /** The rows, where some are. */
  readonly restated?: RestatedPartition | undefined
  /** Where it only adds rows: the stretches that hold them. */
  readonly added?: readonly TimeRange[] | undefined
}

/** Which rows are added between two versions none of whose common rows differ, by the times of either. */
export function compareRowTimes(before: Float64Array, after: Float64Array): VersionComparison {
  const added = addedStretches(before, after)
  return added === undefined || added.length > LISTED_STRETCHES ? { restates: true } : { restates: false, added }
}
