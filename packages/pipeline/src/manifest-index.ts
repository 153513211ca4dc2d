import {
  type DatasetId,
  type DataType,
  manifestKey,
  manifestPrefix,
  periodsIn,
  rangesOverlap,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import type { Manifest, ManifestFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** Finds the silver partitions of a symbol without asking for each manifest that could be. */
export interface ManifestIndex {
  /** The partitions of a dataset that hold rows and touch a range, in order of time. */
  files(dataset: DatasetId, range: TimeRange): Promise<readonly ManifestFile[]>
}

/**
 * Lists once which manifests the tables of a symbol have, and reads each at most once, when it is asked for. A
 * snapshot: make it after the silver that it shall see was committed.
 */
export async function indexManifests(
  lake: Lake,
  { exchange, market, symbol }: DatasetId,
  dataTypes: readonly DataType[],
): Promise<ManifestIndex> {
  const keys = new Set<string>()
  for (const dataType of dataTypes) {
    const prefix = manifestPrefix(silverSeries({ exchange, market, symbol, dataType }))
    for await (const { key } of lake.store.list({ prefix })) keys.add(key)
  }
  const read = new Map<string, Promise<Manifest | undefined>>()
  return {
    files: async (dataset, range) => {
      const series = silverSeries(dataset)
      const files: ManifestFile[] = []
      for (const { label } of periodsIn('month', range)) {
        const key = manifestKey(series, label)
        if (!keys.has(key)) continue
        const manifest = read.get(key) ?? lake.ledger.manifest(series, label).then((stored) => stored?.manifest)
        read.set(key, manifest)
        const ofMonth = (await manifest)?.files ?? []
        files.push(...ofMonth.filter((file) => file.rows > 0 && rangesOverlap(file.span, range)))
      }
      return files
    },
  }
}
