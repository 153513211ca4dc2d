import { manifestPrefix, parsePeriod, rangesOverlap, silverSeries } from '@lake/core'
import type { ManifestReader } from '@lake/ledger'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'

export interface HeldMonthsOptions {
  readonly plan: DatasetPlan
  /** The months that pages and recordings in bronze belong to, `YYYY-MM`. */
  readonly paged: Iterable<string>
  readonly reader: ManifestReader
}

/**
 * The months of a plan, in order, and those in its range of which the archive has no file and the lake has rows or
 * pages: a month that only a venue gave belongs to a dataset as any other does. Lists manifests, and reads none.
 */
export async function withHeldMonths({ plan, paged, reader }: HeldMonthsOptions): Promise<readonly MonthPlan[]> {
  const { dataset, months, range } = plan
  const entries = await reader.entries(manifestPrefix(silverSeries(dataset)))
  const published = entries.flatMap(({ series, month }) => (series.interval === dataset.interval ? [month] : []))
  const planned = new Set(months.map(({ month }) => month))
  const held = [...new Set([...published, ...paged])].filter(
    (month) => !planned.has(month) && rangesOverlap(parsePeriod(month), range),
  )
  if (held.length === 0) return months
  return [...months, ...held.map((month) => ({ month, files: [], reaching: [], days: [] }))].sort(
    ({ month: a }, { month: b }) => (a < b ? -1 : 1),
  )
}
