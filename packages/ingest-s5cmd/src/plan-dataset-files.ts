import { type DatasetId, type ExchangeAdapter, formatDatasetId, type TimeRange } from '@lake/core'
import type { ArchiveFile, PlannedFile } from './archive-file.ts'
import { coveredSpans, isCovered } from './covered-spans.ts'
import { planTransfer } from './plan-transfer.ts'

export interface DatasetFilesOptions {
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** What {@link discoverArchive} found; files that have nothing to do with the dataset are passed over. */
  readonly files: readonly ArchiveFile[]
  /** What is wanted. Everything when absent. */
  readonly range?: TimeRange | undefined
  /** True takes both granularities of a month, where there are both, to compare them. */
  readonly reconcile?: boolean | undefined
}

/**
 * The fewest files that hold everything that there is of one dataset: its own, as {@link planTransfer} chooses them, and
 * then files of many instruments for the time that none of these has, in the order of the adapter's `sharedBy`. Pure.
 *
 * @example
 * planDatasetFiles({ adapter: okx, dataset: parseDatasetId('okx/cm/trades/BTC-USD-240329'), files })[0]?.key
 * // trades/monthly/202403/BTC-USD-futureschain-trades-2024-03.zip
 */
export function planDatasetFiles(options: DatasetFilesOptions): PlannedFile[] {
  const { adapter, dataset, files, range, reconcile } = options
  const shared = adapter.archive?.sharedBy?.(dataset) ?? []
  if (shared.length === 0) return planTransfer({ files, range, reconcile })
  const filesOf = (one: DatasetId): ArchiveFile[] => {
    const name = formatDatasetId(one)
    return files.filter((file) => formatDatasetId(file.dataset) === name)
  }
  const planned = planTransfer({ files: filesOf(dataset), range, reconcile })
  for (const one of shared) {
    const covered = coveredSpans(planned)
    const left = filesOf(one.dataset).filter(({ period }) => !isCovered(wantedOf(period, range), covered))
    for (const file of planTransfer({ files: left, range, reconcile })) {
      planned.push({ ...file, reason: `${file.reason} It holds rows of ${dataset.symbol} among those of others.` })
    }
  }
  return planned.sort((a, b) => a.period.from - b.period.from || b.period.to - a.period.to)
}

function wantedOf(period: TimeRange, range: TimeRange | undefined): TimeRange {
  if (range === undefined) return period
  return { from: Math.max(period.from, range.from), to: Math.min(period.to, range.to) }
}
