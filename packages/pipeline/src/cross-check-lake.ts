import { crossCheckPrefix, type DatasetId, type DataType, formatDatasetId, parsePeriod, silverSeries } from '@lake/core'
import type { ManifestReader } from '@lake/ledger'
import { crossCheckedWith, type CrossCheckPair, crossCheckPairs } from './cross-check-pairs.ts'
import { type CrossCheckReport, readCrossCheck } from './cross-check-report.ts'
import type { Lake } from './define-lake.ts'
import type { SilverReader } from './read-silver.ts'
import { writeReport } from './write-report.ts'

/** What two partitions of the same time say of each other. */
export interface CrossChecked {
  readonly id: string
  /** The dataset that its rows were compared with. */
  readonly reference: string
  /** `2024-01` or `2024-01-31` */
  readonly label: string
  readonly report: CrossCheckReport
}

/**
 * Compares partitions with those of other data types at the same times, wherever the lake holds both sides and
 * `dataset` is one of them: the mark price with the last price and with the index, and what the lake's contracts name
 * besides. A finding flags: nothing is blocked, and no partition depends on what else lies in the lake. Each report is
 * kept, named by the hashes of both partitions, and made once; the new ones are given.
 */
export async function* crossCheckLake(
  lake: Lake,
  manifests: ManifestReader,
  dataset: DatasetId,
  signal?: AbortSignal,
): AsyncGenerator<CrossChecked, void, undefined> {
  for (const own of await crossCheckedWith(lake, manifests, dataset)) {
    yield* crossCheckDataset(lake, manifests, own, signal)
  }
}

/** The reports that the lake keeps on the partitions of a dataset as they are now. */
export async function keptCrossChecks(
  lake: Lake,
  manifests: ManifestReader,
  dataset: DatasetId,
  signal?: AbortSignal,
): Promise<readonly CrossCheckReport[]> {
  const pairs = await crossCheckPairs(lake, manifests, dataset)
  if (pairs.length === 0) return []
  const kept = await keptKeys(lake, dataset, signal)
  const reports: CrossCheckReport[] = []
  for (const { key } of pairs) {
    const report = kept.has(key) ? await readCrossCheck(lake.store, key, signal) : undefined
    if (report !== undefined) reports.push(report)
  }
  return reports
}

async function* crossCheckDataset(
  lake: Lake,
  manifests: ManifestReader,
  dataset: DatasetId,
  signal: AbortSignal | undefined,
): AsyncGenerator<CrossChecked, void, undefined> {
  const pairs = await crossCheckPairs(lake, manifests, dataset)
  if (pairs.length === 0) return
  const kept = await keptKeys(lake, dataset, signal)
  const [{ crossCheck }, { openSilverReader }] = await Promise.all([
    import('./cross-check.ts'),
    import('./read-silver.ts'),
  ])
  const readers = new Map<DataType, SilverReader<DataType>>()
  const read = async ({ dataType }: DatasetId, file: CrossCheckPair['own']) => {
    const reader = readers.get(dataType) ?? openSilverReader(lake, dataType)
    readers.set(dataType, reader)
    return reader({ files: [file], range: parsePeriod(file.label), signal })
  }
  for (const pair of pairs) {
    signal?.throwIfAborted()
    if (kept.has(pair.key)) continue
    const own = await read(dataset, pair.own)
    const report = crossCheck(pair, own, await read(pair.referenceDataset, pair.reference), signal)
    await writeReport(lake.store, pair.key, report, signal)
    const reference = formatDatasetId(pair.referenceDataset)
    yield { id: formatDatasetId(dataset), reference, label: pair.own.label, report }
  }
}

async function keptKeys(lake: Lake, dataset: DatasetId, signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for await (const { key } of lake.store.list({ prefix: crossCheckPrefix(silverSeries(dataset)), signal }))
    keys.add(key)
  return keys
}
