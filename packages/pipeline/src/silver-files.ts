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

/** From the first to the last period that partitions cover; `undefined` without any. */
export function heldRange(files: readonly ManifestFile[]): TimeRange | undefined {
  const [first] = files
  if (first === undefined) return undefined
  return { from: first.span.from, to: files.reduce((to, { span }) => Math.max(to, span.to), first.span.to) }
}

/** The rows of partitions. */
export function rowCount(files: readonly ManifestFile[]): number {
  return files.reduce((rows, file) => rows + file.rows, 0)
}
