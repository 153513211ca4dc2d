import { type DatasetId, manifestPrefix, silverSeries, type TimeRange } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** The silver partitions that the lake holds of a dataset, in order of time. */
export async function silverFiles(lake: Lake, dataset: DatasetId, signal?: AbortSignal): Promise<ManifestFile[]> {
  const files: ManifestFile[] = []
  for await (const manifest of lake.ledger.manifests({ prefix: manifestPrefix(silverSeries(dataset)), signal })) {
    files.push(...manifest.files)
  }
  return files
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
