import {
  type DatasetId,
  DAY_MICROS,
  formatDatasetId,
  rangeContains,
  rangesOverlap,
  reachOf,
  type TimeRange,
} from '@lake/core'
import type { ArchiveFile, PlannedFile } from './archive-file.ts'

export interface PlanOptions {
  readonly files: Iterable<ArchiveFile>
  /** What is wanted. Everything when absent. */
  readonly range?: TimeRange | undefined
  /** True takes the monthly file and the daily ones of a month, where there are both, to compare them. */
  readonly reconcile?: boolean | undefined
}

/**
 * The fewest files that hold everything that `files` hold of the range, each with the reason for taking it:
 * the monthly file of a month that lies wholly in the range; for a month at the range's edge its daily files, or the
 * monthly one where a day is missing; daily files where there is no monthly one. Never both for one month, unless
 * `reconcile` asks for both.
 *
 * Datasets come in the order of their first file, the files of each by time. Pure; O(n log n).
 *
 * @example
 * const range = parseTimeRange('2024-01-01', '2024-02-03')
 * planTransfer({ files, range }).map(({ period }) => period.label) // ['2024-01', '2024-02-01', '2024-02-02']
 */
export function planTransfer({ files, range, reconcile = false }: PlanOptions): PlannedFile[] {
  // An empty range overlaps a period that it lies in.
  if (range !== undefined && range.from >= range.to) return []
  const order = new Map<string, number>()
  const months = new Map<string, MonthOfFiles>()
  const nameOf = datasetNames()
  for (const file of files) {
    if (range !== undefined && !rangesOverlap(reachOf(file.period), range)) continue
    const dataset = nameOf(file.dataset)
    const place = order.get(dataset) ?? order.size
    order.set(dataset, place)
    const label = file.period.label.slice(0, 7)
    const id = `${dataset} ${label}`
    let month = months.get(id)
    if (month === undefined) months.set(id, (month = { place, label, daily: new Map() }))
    if (file.period.kind === 'month') month.monthly = firstByKey(month.monthly, file)
    else month.daily.set(file.period.label, firstByKey(month.daily.get(file.period.label), file))
  }
  return [...months.values()]
    .sort((a, b) => a.place - b.place || compareText(a.label, b.label))
    .flatMap((month) => (reconcile ? both(month) : choose(month, range)))
}

interface MonthOfFiles {
  /** The rank of its dataset. */
  readonly place: number
  readonly label: string
  monthly?: ArchiveFile | undefined
  readonly daily: Map<string, ArchiveFile>
}

function choose({ label, monthly, daily }: MonthOfFiles, range: TimeRange | undefined): PlannedFile[] {
  const days = [...daily.values()].sort((a, b) => a.period.from - b.period.from)
  if (monthly === undefined) {
    return explained(days, `The archive has no monthly file of ${label}.`)
  }
  if (range === undefined || rangeContains(range, monthly.period)) {
    const instead = days.length > 1 ? ` instead of ${days.length} daily ones` : ''
    return explained([monthly], `All of ${label} is wanted: one monthly file${instead}.`)
  }
  const from = Math.max(range.from, monthly.period.from)
  const to = Math.min(range.to, monthly.period.to)
  // Counted from the start of the month: days may be cut elsewhere than at midnight UTC.
  const start = monthly.period.from
  const wanted = Math.ceil((to - start) / DAY_MICROS) - Math.floor((from - start) / DAY_MICROS)
  // Every daily file here overlaps the range, and there is one a day.
  if (days.length === wanted) {
    const reason = `Only ${wanted === 1 ? '1 day' : `${wanted} days`} of ${label} wanted: daily files.`
    return explained(days, reason)
  }
  const reason = `${days.length} of the ${wanted} wanted days of ${label} have a daily file: the monthly one.`
  return explained([monthly], reason)
}

function both({ label, monthly, daily }: MonthOfFiles): PlannedFile[] {
  const days = [...daily.values()].sort((a, b) => a.period.from - b.period.from)
  if (monthly === undefined || days.length === 0) return choose({ place: 0, label, monthly, daily }, undefined)
  const reason = `Reconciliation of ${label}: the monthly file and its ${days.length} daily ones.`
  return explained([monthly, ...days], reason)
}

/** Field by field: a spread that then grows takes four times the memory, and `assign` three times the time; there may be a million. */
function explained(files: readonly ArchiveFile[], reason: string): PlannedFile[] {
  return files.map(({ key, dataset, period, size, etag, checksumKey, checksumAlgorithm, checksumEtag }) => {
    return { key, dataset, period, size, etag, checksumKey, checksumAlgorithm, checksumEtag, reason }
  })
}

/** An archive may hold a period twice under different spellings of its name: the choice must not depend on order. */
function firstByKey(known: ArchiveFile | undefined, file: ArchiveFile): ArchiveFile {
  return known === undefined || file.key < known.key ? file : known
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Files of one dataset mostly share one object: its name is made once. */
function datasetNames(): (dataset: DatasetId) => string {
  const names = new WeakMap<DatasetId, string>()
  return (dataset) => {
    let name = names.get(dataset)
    if (name === undefined) names.set(dataset, (name = formatDatasetId(dataset)))
    return name
  }
}
