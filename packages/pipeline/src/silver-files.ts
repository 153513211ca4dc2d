import { type DatasetId, manifestPrefix, silverSeries, type TimeRange } from '@lake/core'
import type { Manifest, ManifestFile, ManifestReader } from '@lake/ledger'

/** The silver partitions that the lake holds of a dataset, in order of time. */
export async function silverFiles(reader: ManifestReader, dataset: DatasetId): Promise<ManifestFile[]> {
  return (await silverManifests(reader, dataset)).flatMap(({ files }) => files)
}

/** The manifests of a dataset in silver, in order of time. */
export async function silverManifests(reader: ManifestReader, dataset: DatasetId): Promise<readonly Manifest[]> {
  const { interval } = dataset
  const entries = await reader.entries(manifestPrefix(silverSeries(dataset)))
  // Without an interval the folder is that of the symbol, below which the intervals of another table would lie.
  return reader.read(entries.filter(({ series }) => series.interval === interval))
}

/**
 * From the first to the last period that partitions cover; `undefined` without any.
 *
 * @param refused periods of files that were refused, which a range that begins or ends with one reaches over
 */
export function heldRange(files: readonly ManifestFile[], refused: readonly TimeRange[] = []): TimeRange | undefined {
  if (files.length === 0) return undefined
  const periods = [...files.map(({ span }) => span), ...refused]
  return {
    from: periods.reduce((from, period) => Math.min(from, period.from), Number.POSITIVE_INFINITY),
    to: periods.reduce((to, period) => Math.max(to, period.to), Number.NEGATIVE_INFINITY),
  }
}

/** The rows of partitions. */
export function rowCount(files: readonly ManifestFile[]): number {
  return files.reduce((rows, file) => rows + file.rows, 0)
}
