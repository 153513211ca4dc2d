import { formatDatasetId } from '@lake/core'
import type { BuiltMonth } from './build-silver-month.ts'
import type { DatasetPlan } from './plan-run.ts'

/**
 * A plan whose range is that of the instrument, where nobody asked for another one: files of many instruments begin before
 * its first row and go on after its last day, and no row of it is missing there. The range of a plan with failures stays:
 * what could not be read may be its first rows.
 */
export function withinLifetime(plan: DatasetPlan, built: readonly BuiltMonth[], failures: number): DatasetPlan {
  const { dataset, adapter, isAsked, months, range } = plan
  const [first] = months.flatMap(({ files }) => files)
  const isShared = first !== undefined && formatDatasetId(first.dataset) !== formatDatasetId(dataset)
  if (isAsked || !isShared || failures > 0) return plan
  const to = Math.min(range.to, adapter.expiresAt?.(dataset) ?? range.to)
  const filled = built.flatMap(({ manifest }) => manifest?.files ?? []).filter(({ rows }) => rows > 0)
  const from = filled.reduce((least, file) => Math.min(least, file.first), to)
  return { ...plan, range: { from: Math.max(range.from, from), to } }
}
