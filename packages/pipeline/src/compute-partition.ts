import { type ExchangeAdapter, type Interval, reachOf, silverTable, type TimeRange } from '@lake/core'
import type { Contract } from '@lake/quality'
import type { LakeDecimals } from './decimal-kinds.ts'
import type { SilverFile } from './encode-silver.ts'
import { formatsOf } from './formats-of.ts'
import { goldBarsFrame, intervalsOfPartition } from './gold-bars-frame.ts'
import { type LakePolicy, mergePolicy } from './lake-policy.ts'
import { hasIdsOfFile, outsideArchive } from './outside-archive.ts'
import { partitionMetadata } from './partition-metadata.ts'
import { readInput, type ReadInputOptions } from './read-input.ts'
import type { SilverPartition } from './silver-partition.ts'
import { SILVER_REVISION } from './silver-revision.ts'
import type { SilverInput } from './silver-task.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { SpanningPartitions } from './compute-spanning.ts'

/** How the partitions of a month are read. */
export interface PartitionReading extends ReadInputOptions {
  readonly adapter: ExchangeAdapter
  readonly decimals: LakeDecimals
  readonly contract: Contract
  readonly threads: SilverThreads
  /** The intervals of gold to make ahead, where it is made of one partition alone. */
  readonly gold?: readonly Interval[] | undefined
}

/** Reads the inputs of a partition and computes it: in a thread, unless files hold several partitions. */
export async function computePartition(
  options: PartitionReading,
  partition: SilverPartition,
  spanning: SpanningPartitions,
  policy: LakePolicy,
): Promise<SilverFile> {
  const { adapter, dataset, decimals, contract, threads, gold = [], signal } = options
  const { period, span } = partition
  const metadata = partitionMetadata(adapter, dataset, silverTable(dataset.dataType), SILVER_REVISION)
  const formats = adapter.formats?.filter(({ dataType }) => dataType === dataset.dataType) ?? []
  const own = formatsOf(options)
  const idsOfFile = hasIdsOfFile(options)
  const files = idsOfFile ? outsideArchive(partition.files, period) : partition.files
  // Numbers of several kinds beside each other have holes that say nothing.
  const sparseIds = own.some((format) => format.sparseIds === true) || (idsOfFile && files.length > 1)
  const omitsEmptyBars = adapter.omitsEmptyBars ?? false
  const shape = { omitsEmptyBars, sparseIds, decimals, contract, policy: mergePolicy(policy) }
  const frames = intervalsOfPartition(dataset, period, gold).map((interval) =>
    goldBarsFrame(adapter, dataset, interval),
  )
  const frame = { dataset, ...shape, period, span, metadata, gold: frames }
  const within = files.filter((file) => file.source !== 'archive' || liesWithin(reachOf(file.period), period))
  const inputs: SilverInput[] = []
  for (const file of within) inputs.push(await readInput(options, file, period))
  const described = [...(adapter.rest?.series ?? []), ...(adapter.live?.channels ?? [])]
  const series = described.filter(({ dataType }) => dataType === dataset.dataType)
  const task = { ...frame, formats, series: series.map(({ id, format }) => ({ id, format })), inputs }
  if (within.length === files.length) return threads.run(task, signal)
  const wider = files.flatMap((file) =>
    file.source === 'archive' && !liesWithin(reachOf(file.period), period) ? [file] : [],
  )
  return spanning.compute(task, wider, partition)
}

/** Whether a range holds nothing of what is outside of another. */
export function liesWithin(inner: TimeRange, outer: TimeRange): boolean {
  return inner.from >= outer.from && inner.to <= outer.to
}
