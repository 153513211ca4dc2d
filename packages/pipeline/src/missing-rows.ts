import { type Gap, gridOf, rangesOverlap } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import type { DatasetScope } from './dataset-scope.ts'
import { gapsInRange } from './gaps-in-range.ts'

/** The stretches of missing rows of a dataset in the range of its scope; `undefined` where rows have no grid. */
export function missingRows(
  { adapter, dataset, range }: DatasetScope,
  files: readonly ManifestFile[],
): Gap[] | undefined {
  const interval = gridOf(dataset)
  if (interval !== undefined) return adapter.omitsEmptyBars === true ? undefined : gapsInRange(interval, files, range)
  const gaps = files.flatMap((file) => file.gaps ?? [])
  return files.some((file) => file.gaps !== undefined) ? gaps.filter((gap) => rangesOverlap(gap, range)) : undefined
}
