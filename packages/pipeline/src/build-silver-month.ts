import { type DatasetId, type ExchangeAdapter, type Interval, rowIdentity, silverSeries } from '@lake/core'
import type { KeptBytes } from '@lake/ingest-s5cmd'
import type { Manifest, ManifestFile, StoredManifest } from '@lake/ledger'
import { type AcceptedPartition, openInputAcceptance } from './accept-inputs.ts'
import { computePartition, type PartitionReading } from './compute-partition.ts'
import { QUARANTINED_ROWS } from './counts.ts'
import type { Lake } from './define-lake.ts'
import { findSilverRestatement } from './find-silver-restatement.ts'
import type { SentinelTurn } from './format-sentinel.ts'
import { type HeldFile, uniteInputs } from './held-file.ts'
import type { GoldAhead } from './gold-ahead.ts'
import { inOrder } from './in-order.ts'
import { withQuarantine } from './keep-quarantine.ts'
import { contractIdentity } from './lake-contract.ts'
import { decimalsOf, decimalsOptions } from './lake-decimals.ts'
import { policyOf, silverOptions } from './lake-policy.ts'
import { hasIdsOfFile } from './outside-archive.ts'
import { partitionState } from './partition-state.ts'
import type { RefusedInput } from './refused-input.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { rowsThatVanish } from './rows-that-vanish.ts'
import { type SilverPartition, silverPartitions } from './silver-partition.ts'
import { SILVER_REVISION } from './silver-revision.ts'
import type { SilverThreads } from './silver-threads.ts'
import { openSpanningPartitions } from './spanning-partitions.ts'

export interface SilverMonthOptions {
  readonly lake: Lake
  readonly adapter: ExchangeAdapter
  readonly dataset: DatasetId
  /** `YYYY-MM` */
  readonly month: string
  /** Files of the month that lie in bronze; those of the manifest are added. */
  readonly files: readonly HeldFile[]
  readonly threads: SilverThreads
  /** Bytes of these files that were read already. */
  readonly kept?: KeptBytes | undefined
  /** Compares the form of files with that of the ones before. Absent where no new file can be among them. */
  readonly sentinel?: SentinelTurn | undefined
  /** Told of new files that are refused and left out, maybe twice; absent, the first one fails the month. */
  readonly onRefused?: ((refused: RefusedInput) => void) | undefined
  /** Hashes of inputs whose partitions are made again though nothing has changed. */
  readonly replay?: ReadonlySet<string> | undefined
  /** The intervals of gold to make ahead, where it is made of one partition alone. */
  readonly gold?: readonly Interval[] | undefined
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
  /** Gold that was made ahead, by the sha256 of the silver file that it is made of. */
  readonly ahead?: ReadonlyMap<string, readonly GoldAhead[]> | undefined
}

/**
 * Brings the silver partitions of a dataset-month up to date with its bronze files: parse, merge, look for gaps,
 * check, write, commit. A partition whose fingerprint stands is not touched, and its inputs are not even read. A new
 * file that is refused is left out, where somebody is told of it. A partition that fails stays as it was. One that must
 * not be published stays as it was too; the manifest says why, and it is not computed again before its inputs or its
 * contract change.
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
  const ahead = new Map<string, readonly GoldAhead[]>()
  const held = uniteInputs(adapter, dataset, stored?.manifest, options.files)
  // A file that is cut at another hour than UTC midnight reaches into the next month, which has a manifest of its own.
  const partitions = silverPartitions(dataset, held).filter(({ period }) => period.label.startsWith(month))
  const changed: SilverPartition[] = []
  const contract = lake.contract(dataset)
  const decimals = await decimalsOf(lake, series, stored?.manifest)
  const reading: PartitionReading = { ...options, decimals, contract, quarantineLimit: quarantineLimits(lake, stored) }
  const base = stored?.manifest
  const knownOf = ({ period }: SilverPartition): ManifestFile | undefined =>
    base?.files.find((file) => file.label === period.label)
  const optionsOf = (partition: SilverPartition): ManifestFile['options'] =>
    partitionOptions(reading, knownOf(partition))
  const stateOf = async (partition: SilverPartition): ReturnType<typeof partitionState> =>
    partitionState({ lake, partition, stored, revision: SILVER_REVISION, options: optionsOf(partition) })
  for (const partition of partitions) {
    const state = await stateOf(partition)
    if (state === 'changed' || isReplayed(partition, replay)) changed.push(partition)
    else {
      sentinel?.took(partition.files)
      if (state === 'published') skipped++
    }
  }
  await using spanning = openSpanningPartitions(reading)
  const acceptance = openInputAcceptance({
    compute: async (partition) =>
      computePartition(reading, partition, spanning, policyOf(lake.policy, knownOf(partition))),
    without: (label, keys) => {
      const others = uniteInputs(
        adapter,
        dataset,
        base,
        options.files.filter(({ key }) => !keys.has(key)),
      )
      return silverPartitions(dataset, others).find(({ period }) => period.label === label)
    },
    stateOf,
    held: new Set(base?.files.flatMap(({ inputs }) => inputs.map(({ key }) => key))),
    onRefused: options.onRefused,
    onRowless: (findings) => sentinel?.passed(findings),
  })
  const checked = async (computed: AcceptedPartition): Promise<AcceptedPartition> => {
    const { partition, file } = computed
    if (file === undefined) return computed
    try {
      await sentinel?.check(partition.files, file.findings)
      return computed
    } catch (error) {
      return checked(await acceptance.without(partition, error))
    }
  }
  for await (const computed of inOrder(changed, threads.concurrency, async (one) => acceptance.compute(one))) {
    signal?.throwIfAborted()
    const accepted = await checked(computed)
    // What is left to do here is to write, while the files of the next month are compared.
    if (accepted.label === changed.at(-1)?.period.label) sentinel?.done()
    if (accepted.file === undefined) {
      sentinel?.took(accepted.partition?.files ?? [])
      if (accepted.state === 'published') skipped++
      continue
    }
    const { partition, file } = accepted
    // A day that might have had the next midnight has not.
    if (partition.isOnlyReached && file.rows === 0) continue
    const { findings, gold = [], ...rows } = file
    const known = knownOf(partition)
    const inputs = partition.files.map(({ key, sha256 }) => ({ key, sha256 }))
    const target = { series, label: partition.period.label, base: stored, revision: SILVER_REVISION, signal }
    const made = { ...rows, inputs, options: optionsOf(partition) }
    const reason = file.reason ?? rowsThatVanish(known, partition, file)
    if (reason !== undefined) {
      stored = await lake.ledger.blockPartition({ ...target, ...made, reason, blockedAt: lake.now() })
      blocked++
      continue
    }
    const comparison = await findSilverRestatement({ lake, dataset, known, made, signal })
    const commit = { ...target, ...made, span: partition.span, restates: comparison.restates, added: comparison.added }
    const lines = { findings, clean: cleanedInputs(partition, stored) }
    const committed = await withQuarantine(options, lines, () => lake.ledger.commitPartition(commit))
    stored = committed.stored
    if (comparison.restated !== undefined) restated.push(comparison.restated)
    ahead.set(committed.file.sha256, gold)
    written++
  }
  return { manifest: stored?.manifest, written, skipped, restated, blocked, ahead }
}

function partitionOptions(reading: PartitionReading, known: ManifestFile | undefined): ManifestFile['options'] {
  const { lake, decimals, contract } = reading
  const policy = silverOptions(policyOf(lake.policy, known))
  // Named where they change something, that partitions from before these rules are made again.
  const ids = hasIdsOfFile(reading) ? { idsOfFile: 'finest' } : {}
  const hasIds = rowIdentity(reading.dataset.dataType).id !== undefined
  const times = hasIds && policy.policy !== 'archive-first' ? { exactTimes: true } : {}
  return { ...policy, ...ids, ...times, ...decimalsOptions(decimals), contract: contractIdentity(contract) }
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
