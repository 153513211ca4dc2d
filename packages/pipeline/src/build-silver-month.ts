import {
  type DataType,
  type DatasetId,
  type ExactColumns,
  type ExchangeAdapter,
  readObject,
  rowIdentity,
  silverSeries,
  silverTable,
  type SourceFormat,
  type TimeRange,
} from '@lake/core'
import { decodePage, readFramesPage } from '@lake/ingest-ccxt'
import { originalKey } from '@lake/ingest-s5cmd'
import type { Manifest, ManifestFile, StoredManifest } from '@lake/ledger'
import type { Contract } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { decimalsOf, decimalsOptions } from './lake-decimals.ts'
import type { LakeDecimals } from './decimal-kinds.ts'
import { encodeExact, encodeSilver, type SilverFile } from './encode-silver.ts'
import { type HeldFile, uniteInputs } from './held-file.ts'
import { findSilverRestatement } from './find-silver-restatement.ts'
import type { SentinelTurn } from './format-sentinel.ts'
import { inOrder } from './in-order.ts'
import { contractIdentity } from './lake-contract.ts'
import { withQuarantine } from './keep-quarantine.ts'
import { type LakePolicy, mergePolicy, policyOf, silverOptions } from './lake-policy.ts'
import { partitionMetadata } from './partition-metadata.ts'
import { partitionState } from './partition-state.ts'
import { QUARANTINED_ROWS } from './counts.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { rowsThatVanish } from './rows-that-vanish.ts'
import { type SilverPartition, silverPartitions } from './silver-partition.ts'
import { parseExactInputs, parseInputs, type SilverInput } from './silver-task.ts'
import type { SilverThreads } from './silver-threads.ts'
import { outsideArchive } from './outside-archive.ts'
import { openExactSpanningFiles, openSpanningFiles, type SpanningFiles } from './spanning-files.ts'

/** Raised whenever the same bronze bytes give other silver bytes; a golden test forces it. */
export const SILVER_REVISION = 6

export interface SilverMonthOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** `YYYY-MM` */
  readonly month: string
  /** Files of the month that lie in bronze; those of the manifest are added. */
  readonly files: readonly HeldFile[]
  readonly threads: SilverThreads
  /** Compares the form of files with that of the ones before. Absent where no new file can be among them. */
  readonly sentinel?: SentinelTurn | undefined
  /** Hashes of inputs whose partitions are made again though nothing has changed. */
  readonly replay?: ReadonlySet<string> | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of the partitions of a month. */
export interface BuiltMonth {
  /** `undefined` when there is nothing to make partitions of. */
  readonly manifest: Manifest | undefined
  readonly written: number
  readonly skipped: number
  /** The partitions in which rows are no more what they were. */
  readonly restated: readonly RestatedPartition[]
  /** Partitions that were computed and must not be published. */
  readonly blocked: number
}

/**
 * Brings the silver partitions of a dataset-month up to date with its bronze files: parse, merge, look for gaps,
 * check, write, commit. A partition whose fingerprint stands is not touched, and its inputs are not even read. One that
 * fails stays as it was. One that must not be published stays as it was too; the manifest says why, and it is not
 * computed again before its inputs or its contract change.
 *
 * @throws {@link LakeError} what parsing and committing throw.
 */
export async function buildSilverMonth(options: SilverMonthOptions): Promise<BuiltMonth> {
  const { lake, adapter, dataset, month, threads, sentinel, replay, signal } = options
  const series = silverSeries(dataset)
  let stored = await lake.ledger.manifest(series, month)
  let written = 0
  let skipped = 0
  let blocked = 0
  const restated: RestatedPartition[] = []
  const held = uniteInputs(adapter, dataset, stored?.manifest, options.files)
  // A file that is cut at another hour than UTC midnight reaches into the next month, which has a manifest of its own.
  const partitions = silverPartitions(dataset, held).filter(({ period }) => period.label.startsWith(month))
  const changed: SilverPartition[] = []
  const contract = lake.contract(dataset)
  const decimals = await decimalsOf(lake, series, stored?.manifest)
  const reading: Reading = { ...options, decimals, contract, quarantineLimit: quarantineLimits(lake, stored) }
  const base = stored?.manifest
  const knownOf = ({ period }: SilverPartition): ManifestFile | undefined =>
    base?.files.find((file) => file.label === period.label)
  const optionsOf = (partition: SilverPartition): ManifestFile['options'] =>
    partitionOptions(reading, knownOf(partition))
  for (const partition of partitions) {
    const state = await partitionState({
      lake,
      partition,
      stored,
      revision: SILVER_REVISION,
      options: optionsOf(partition),
    })
    if (state === 'changed' || isReplayed(partition, replay)) changed.push(partition)
    else if (state === 'published') skipped++
  }
  await using floats = openSpanningFiles(reading)
  await using exact = openExactSpanningFiles(reading)
  const compute = async (partition: SilverPartition): Promise<ComputedPartition> => ({
    partition,
    file: await computePartition(reading, partition, { floats, exact }, policyOf(lake.policy, knownOf(partition))),
  })
  for await (const { partition, file } of inOrder(changed, threads.concurrency, compute)) {
    signal?.throwIfAborted()
    await sentinel?.check(partition.files, file.findings)
    const { findings, ...computed } = file
    const known = knownOf(partition)
    const inputs = partition.files.map(({ key, sha256 }) => ({ key, sha256 }))
    const target = { series, label: partition.period.label, base: stored, revision: SILVER_REVISION, signal }
    const made = { ...computed, inputs, options: optionsOf(partition) }
    const reason = file.reason ?? rowsThatVanish(known, partition, file)
    if (reason !== undefined) {
      stored = await lake.ledger.blockPartition({ ...target, ...made, reason, blockedAt: lake.now() })
      blocked++
      continue
    }
    const comparison = await findSilverRestatement({ lake, dataset, known, made, signal })
    const commit = { ...target, ...made, span: partition.span, restates: comparison.restates }
    const lines = { findings, clean: cleanedInputs(partition, stored) }
    const committed = await withQuarantine(options, lines, () => lake.ledger.commitPartition(commit))
    stored = committed.stored
    if (comparison.restated !== undefined) restated.push(comparison.restated)
    written++
  }
  return { manifest: stored?.manifest, written, skipped, restated, blocked }
}

interface Reading extends SilverMonthOptions {
  /** The largest share of the lines of a file that may be put aside, by its hash. */
  readonly quarantineLimit: (sha256: string) => number
  readonly decimals: LakeDecimals
  readonly contract: Contract
}

/** Files that span several partitions, with either kind of numbers; only what is asked for is read. */
interface Spanning {
  readonly floats: SpanningFiles
  readonly exact: SpanningFiles<ExactColumns[DataType]>
}

function partitionOptions(reading: Reading, known: ManifestFile | undefined): ManifestFile['options'] {
  const { lake, decimals, contract } = reading
  const policy = silverOptions(policyOf(lake.policy, known))
  // Named where they change something, that partitions from before these rules are made again.
  const ids = formatsOf(reading).some(({ idsOfFile }) => idsOfFile === true) ? { idsOfFile: true } : {}
  const hasIds = rowIdentity(reading.dataset.dataType).id !== undefined
  const times = hasIds && policy.policy !== 'archive-first' ? { exactTimes: true } : {}
  return { ...policy, ...ids, ...times, ...decimalsOptions(decimals), contract: contractIdentity(contract) }
}

/** What the archive's files of the dataset may look like. */
function formatsOf({ adapter, dataset: { dataType, market } }: Reading): readonly SourceFormat[] {
  return (adapter.formats ?? []).filter((format) => format.dataType === dataType && format.markets.includes(market))
}

/** A file that partitions are made of was accepted when it came, whatever the limit is today. */
function quarantineLimits({ quarantineLimit }: Lake, stored: StoredManifest | undefined): (sha256: string) => number {
  const accepted = new Set(stored?.manifest.files.flatMap(({ inputs }) => inputs.map(({ sha256 }) => sha256)))
  return (sha256) => (accepted.has(sha256) ? 1 : quarantineLimit)
}

function isReplayed({ files }: SilverPartition, replay: ReadonlySet<string> | undefined): boolean {
  return replay !== undefined && files.some(({ sha256 }) => replay.has(sha256))
}

/** Hashes of inputs whose bad lines may be none by now: of a partition that has counted some, old and new ones. */
function cleanedInputs({ period, files }: SilverPartition, stored: StoredManifest | undefined): readonly string[] {
  const known = stored?.manifest.files.find(({ label }) => label === period.label)
  if (known?.counts[QUARANTINED_ROWS] === undefined) return []
  return [...known.inputs, ...files].map(({ sha256 }) => sha256)
}

interface ComputedPartition {
  readonly partition: SilverPartition
  readonly file: SilverFile
}

async function computePartition(
  options: Reading,
  partition: SilverPartition,
  spanning: Spanning,
  policy: LakePolicy,
): Promise<SilverFile> {
  const { adapter, dataset, decimals, contract, threads, signal } = options
  const { period, span } = partition
  const metadata = partitionMetadata(adapter, dataset, silverTable(dataset.dataType), SILVER_REVISION)
  const formats = adapter.formats?.filter(({ dataType }) => dataType === dataset.dataType) ?? []
  const own = formatsOf(options)
  const idsOfFile = own.some((format) => format.idsOfFile === true)
  const files = idsOfFile ? outsideArchive(partition.files) : partition.files
  // Numbers of several kinds beside each other have holes that say nothing.
  const sparseIds = own.some((format) => format.sparseIds === true) || (idsOfFile && files.length > 1)
  const omitsEmptyBars = adapter.omitsEmptyBars ?? false
  const shape = { omitsEmptyBars, sparseIds, decimals, contract, policy: mergePolicy(policy) }
  const frame = { dataset, ...shape, period, span, metadata }
  const within = files.filter((file) => file.source !== 'archive' || liesWithin(file.period, period))
  const inputs: SilverInput[] = []
  for (const file of within) inputs.push(await readInput(options, file, period))
  const described = [...(adapter.rest?.series ?? []), ...(adapter.live?.channels ?? [])]
  const series = described.filter(({ dataType }) => dataType === dataset.dataType)
  const task = { ...frame, formats, series: series.map(({ id, format }) => ({ id, format })), inputs }
  if (within.length === files.length) return threads.run(task, signal)
  const wider = files.flatMap((file) => (file.source === 'archive' && !liesWithin(file.period, period) ? [file] : []))
  if (decimals === 'exact') {
    const rows = [...(await parseExactInputs(task, signal))]
    for (const file of wider) rows.push(await spanning.exact.rowsOf(file, partition))
    return encodeExact(frame, rows, signal)
  }
  const rows = [...(await parseInputs(task, signal))]
  for (const file of wider) rows.push(await spanning.floats.rowsOf(file, partition))
  return encodeSilver(frame, rows, signal)
}

/** A bronze file as an input of a partition. */
export async function readInput(
  { lake, dataset, quarantineLimit, signal }: Pick<Reading, 'lake' | 'dataset' | 'quarantineLimit' | 'signal'>,
  file: HeldFile,
  partition: TimeRange,
): Promise<SilverInput> {
  const { source, key, sha256, period } = file
  if (source === 'archive') {
    const bytes = await readObject(lake.store, key, { signal })
    return { source, key, name: originalKey(key), period, sha256, quarantineLimit: quarantineLimit(sha256), bytes }
  }
  // What a page holds outside of its own range, and outside of the partition's, belongs to others.
  const range = { from: Math.max(period.from, partition.from), to: Math.min(period.to, partition.to) }
  if (source === 'ws') {
    return { source, key, page: await readFramesPage({ store: lake.store, dataset, key, range, signal }) }
  }
  const { envelope, body } = decodePage(await readObject(lake.store, key, { signal }), key)
  return { source, key, page: { envelope: { ...envelope, range }, body } }
}

export function liesWithin(inner: TimeRange, outer: TimeRange): boolean {
  return inner.from >= outer.from && inner.to <= outer.to
}
