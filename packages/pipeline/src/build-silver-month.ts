import { type DatasetId, type ExchangeAdapter, integerValues, microsOf, silverSeries, silverTable } from '@lake/core'
import { fingerprintOf, type Manifest, type StoredManifest } from '@lake/ledger'
import { mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { addCounts, mergeCounts } from './counts.ts'
import type { Lake } from './define-lake.ts'
import { type HeldFile, uniteInputs } from './held-file.ts'
import { withIdentity } from './identity-columns.ts'
import { partitionMetadata } from './partition-metadata.ts'
import { findSilverGaps } from './silver-gaps.ts'
import { type SilverPartition, silverPartitions } from './silver-partition.ts'
import { openSilverRows } from './silver-rows.ts'

/** Raised whenever the same bronze bytes give other silver bytes; a golden test forces it. */
export const SILVER_REVISION = 3

const OPTIONS = { policy: 'archive-first' } as const

export interface SilverMonthOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** `YYYY-MM` */
  readonly month: string
  /** Files of the month that lie in bronze; those of the manifest are added. */
  readonly files: readonly HeldFile[]
  readonly signal?: AbortSignal | undefined
}

/** What became of the partitions of a month. */
export interface BuiltMonth {
  /** `undefined` when there is nothing to make partitions of. */
  readonly manifest: Manifest | undefined
  readonly written: number
  readonly skipped: number
}

/**
 * Brings the silver partitions of a dataset-month up to date with its bronze files: parse, merge, look for gaps,
 * write, commit. A partition whose fingerprint stands is not touched, and its inputs are not even read. One that
 * fails stays as it was.
 *
 * @throws {@link LakeError} what parsing and committing throw.
 */
export async function buildSilverMonth(options: SilverMonthOptions): Promise<BuiltMonth> {
  const { lake, adapter, dataset, month, signal } = options
  const series = silverSeries(dataset)
  let stored = await lake.ledger.manifest(series, month)
  let written = 0
  const partitions = silverPartitions(dataset, uniteInputs(adapter, stored?.manifest, options.files))
  const rowsOf = openSilverRows(options)
  for (const partition of partitions) {
    signal?.throwIfAborted()
    if (await isUpToDate(lake, partition, stored)) continue
    const { label } = partition.period
    const inputs = await rowsOf(partition)
    const { table, report } = mergeTables({ dataType: dataset.dataType, inputs, signal })
    const { gaps, missingIds } = findSilverGaps(adapter, dataset, table, partition.span)
    const times = microsOf(integerValues(table, 'ts_event'))
    const committed = await lake.ledger.commitPartition({
      series,
      label,
      base: stored,
      bytes: writeParquet(withIdentity(table, series), {
        metadata: partitionMetadata(adapter, dataset, silverTable(dataset.dataType), SILVER_REVISION),
      }),
      rows: table.numRows,
      first: times[0] ?? partition.period.from,
      last: times.at(-1) ?? partition.period.from,
      span: partition.span,
      inputs: partition.files.map(({ key, sha256 }) => ({ key, sha256 })),
      revision: SILVER_REVISION,
      options: OPTIONS,
      gaps,
      counts: addCounts([...inputs.map((input) => input.counts), mergeCounts(report), { missing_ids: missingIds }]),
      signal,
    })
    stored = committed.stored
    written++
  }
  return { manifest: stored?.manifest, written, skipped: partitions.length - written }
}

async function isUpToDate(
  lake: Lake,
  { files, period }: SilverPartition,
  stored: StoredManifest | undefined,
): Promise<boolean> {
  const known = stored?.manifest.files.find((file) => file.label === period.label)
  if (known === undefined) return false
  const inputs = files.map((file) => file.sha256)
  if (fingerprintOf({ inputs, revision: SILVER_REVISION, options: OPTIONS }) !== known.fingerprint) return false
  return (await lake.store.head(known.key))?.etag === known.etag
}
