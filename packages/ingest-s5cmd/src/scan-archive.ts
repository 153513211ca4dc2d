import {
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  rangesOverlap,
  reachOf,
  type TimeRange,
} from '@lake/core'
import { listSourceDatasets, readSourceRecords, type SourceRecord, updateSourceRecords } from '@lake/ledger'
import { type ArchiveChange, changedParts } from './archive-change.ts'
import type { ArchiveFile } from './archive-file.ts'
import { type ArchiveScope, scopeTest } from './archive-scope.ts'
import { PendingWrites } from './pending-writes.ts'
import { readPublishedChecksum } from './published-checksum.ts'
import { withRecords } from './records-ahead.ts'

export interface ScanOptions extends ArchiveScope {
  /** The lake, which remembers what the source had. */
  readonly lake: ObjectStore
  readonly adapter: ExchangeAdapter
  /** What the source has now: everything that it has of the scope and the range. */
  readonly files: AsyncIterable<ArchiveFile>
  /** The range that the files were looked for in; everything when absent. */
  readonly range?: TimeRange | undefined
  /** The datasets that were looked for, when not by a scope. */
  readonly datasets?: readonly DatasetId[] | undefined
  /** The time of the scan, epoch microseconds UTC. */
  readonly now: number
  /** Reads the CHECKSUM of each `new` (or changed) file from this store, or of `all`. None is read when absent. */
  readonly checksums?: { readonly source: ObjectStore; readonly of: 'new' | 'all' } | undefined
  /** How many records may be in memory at once, beside those of one dataset. Default 20 000. */
  readonly recordsInMemory?: number | undefined
  /** Told of the changes of a dataset before they are given and remembered: when it throws, the next scan tells them again. */
  readonly onChanges?: ((changes: readonly ArchiveChange[]) => Promise<void>) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Compares what the source has with what it had at the last scan, remembers it in the lake's inventory of the source, and
 * gives only what differs: new, changed and vanished files.
 *
 * A change is given before it is remembered: a scan that is broken off, at any moment, gives its last changes again the next
 * time, and loses none. Files count as vanished only after all of them came. Safe against other scans at the same time, which
 * may give the same changes. The inventory has one object a dataset; in memory are the records of the datasets that files
 * are coming of, and the keys that are still missing of those that were begun.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when an inventory cannot be read, `CONFLICT` when other scans always come first.
 * Failures of `files` and of the stores pass through; nothing counts as vanished then.
 *
 * @example
 * const files = discoverArchive({ adapter: binance, source, markets: ['um'], now })
 * for await (const { kind, key } of scanArchive({ lake, adapter: binance, files, markets: ['um'], now })) console.log(kind, key)
 */
export async function* scanArchive(options: ScanOptions): AsyncGenerator<ArchiveChange, void, undefined> {
  const { recordsInMemory = 20_000, signal } = options
  const open = new Map<string, Shard>()
  const missing = new Map<string, Missing>()
  const writes = new PendingWrites(WRITES_AT_ONCE)
  const isBusy = (name: string): boolean => open.has(name) || writes.has(name)
  let count = 0
  try {
    for await (const { file, name, known } of withRecords({ ...options, isBusy })) {
      signal?.throwIfAborted()
      let shard = open.get(name)
      if (shard === undefined) {
        // What is still being written of it must be there first.
        await writes.settle(name)
        shard = shardOf(file.dataset, await known())
        open.set(name, shard)
        count += shard.records.size
        if (!missing.has(name)) missing.set(name, { dataset: file.dataset, keys: expectedKeys(options, shard) })
      }
      missing.get(name)?.keys.delete(file.key)
      const before = shard.records.size
      await meet(options, shard, file)
      count += shard.records.size - before
      // The datasets that were opened first are the ones whose files are over.
      for (const [oldest, other] of open) {
        if (count <= recordsInMemory || oldest === name) break
        yield* tell(options, other)
        await writes.add(oldest, () => remember(options, other))
        open.delete(oldest)
        count -= other.records.size
      }
    }
    for (const [name, shard] of open) {
      yield* tell(options, shard)
      await writes.add(name, () => remember(options, shard))
    }
  } finally {
    await writes.end()
  }
  writes.throwFailure()
  yield* findVanished(options, missing)
}

/** Inventories that are written while the scan goes on. */
const WRITES_AT_ONCE = 8

interface Shard {
  readonly dataset: DatasetId
  readonly records: Map<string, SourceRecord>
  /** What to tell. */
  readonly changes: ArchiveChange[]
  /** What to remember: also what is no change, such as a checksum that was read. */
  readonly updates: Map<string, SourceRecord>
}

interface Missing {
  readonly dataset: DatasetId
  readonly keys: Set<string>
}

function shardOf(dataset: DatasetId, known: readonly SourceRecord[]): Shard {
  return { dataset, records: new Map(known.map((record) => [record.key, record])), changes: [], updates: new Map() }
}

function expectedKeys({ range, adapter }: ScanOptions, { records }: Shard): Set<string> {
  const keys = new Set<string>()
  for (const { key, vanishedAt } of records.values()) {
    const period = adapter.archive?.parseKey(key)?.period
    const isWanted = range === undefined || (period !== undefined && rangesOverlap(reachOf(period), range))
    if (vanishedAt === undefined && isWanted) keys.add(key)
  }
  return keys
}

async function meet(options: ScanOptions, shard: Shard, file: ArchiveFile): Promise<void> {
  const { now } = options
  const { key, size, etag, checksumEtag, dataset } = file
  const { label } = file.period
  const known = shard.records.get(key)
  const isBack = known?.vanishedAt !== undefined
  let found: Pick<SourceRecord, 'size' | 'etag' | 'checksumEtag' | 'sha256'> = {
    size,
    etag,
    checksumEtag,
    sha256: undefined,
  }
  const isNew = known === undefined || isBack
  if (isNew || options.checksums?.of === 'all' || changedParts(known, found).length > 0) {
    found = { ...found, sha256: await publishedSha256(options, file) }
  }
  const what = known === undefined ? [] : changedParts(known, found)
  const isChanged = what.length > 0
  const after: SourceRecord = {
    key,
    label,
    size: size === 0 ? (known?.size ?? 0) : size,
    etag: etag === '' ? (known?.etag ?? '') : etag,
    // What was known of other bytes says nothing of these.
    sha256: found.sha256 ?? (isChanged ? undefined : known?.sha256),
    checksumEtag: checksumEtag ?? (isChanged ? undefined : known?.checksumEtag),
    firstSeen: known?.firstSeen ?? now,
    changedAt: isChanged || known === undefined ? now : known.changedAt,
  }
  shard.records.set(key, after)
  if (known === undefined || isOther(known, after)) shard.updates.set(key, after)
  if (isNew) shard.changes.push({ kind: 'new', dataset, key, label, what, before: known, after, file })
  else if (isChanged) shard.changes.push({ kind: 'changed', dataset, key, label, what, before: known, after, file })
}

function isOther(a: SourceRecord, b: SourceRecord): boolean {
  return (
    a.size !== b.size ||
    a.etag !== b.etag ||
    a.sha256 !== b.sha256 ||
    a.checksumEtag !== b.checksumEtag ||
    a.changedAt !== b.changedAt ||
    a.vanishedAt !== b.vanishedAt
  )
}

/** A checksum that cannot be read is a matter of the transfer, not of the inventory. */
async function publishedSha256({ checksums, signal }: ScanOptions, file: ArchiveFile): Promise<string | undefined> {
  if (checksums === undefined) return undefined
  try {
    return (await readPublishedChecksum(checksums.source, file, signal))?.sha256
  } catch (error) {
    if (LakeError.is(error) && (error.code === 'WRONG_FILE' || error.code === 'BAD_FORMAT')) return undefined
    throw error
  }
}

async function* tell(options: ScanOptions, { changes }: Shard): AsyncGenerator<ArchiveChange, void, undefined> {
  if (changes.length > 0) await options.onChanges?.(changes)
  yield* changes
}

async function remember({ lake, signal }: ScanOptions, { dataset, updates }: Shard): Promise<void> {
  if (updates.size === 0) return
  await updateSourceRecords(lake, dataset, (known) => merged(known, updates), { signal })
}

/** Another scan may have seen the same files first. */
function merged(known: readonly SourceRecord[], updates: ReadonlyMap<string, SourceRecord>): SourceRecord[] {
  const records = new Map(known.map((record) => [record.key, record]))
  for (const [key, record] of updates) {
    const firstSeen = Math.min(record.firstSeen, records.get(key)?.firstSeen ?? Infinity)
    records.set(key, { ...record, firstSeen })
  }
  return [...records.values()]
}

async function* findVanished(
  options: ScanOptions,
  missing: ReadonlyMap<string, Missing>,
): AsyncGenerator<ArchiveChange, void, undefined> {
  const { lake, adapter, signal } = options
  const openShard = async (dataset: DatasetId): Promise<Shard> =>
    shardOf(dataset, await readSourceRecords(lake, dataset, { signal }))
  for (const { dataset, keys } of missing.values()) {
    if (keys.size > 0) yield* closeVanished(options, await openShard(dataset), keys)
  }
  const scope = scopeTest(options)
  const names = options.datasets && new Set(options.datasets.map(formatDatasetId))
  for await (const dataset of listSourceDatasets(lake, adapter.id, { signal })) {
    const name = formatDatasetId(dataset)
    if (missing.has(name) || !scope.holds(dataset) || names?.has(name) === false) continue
    const shard = await openShard(dataset)
    yield* closeVanished(options, shard, expectedKeys(options, shard))
  }
}

async function* closeVanished(
  options: ScanOptions,
  shard: Shard,
  keys: ReadonlySet<string>,
): AsyncGenerator<ArchiveChange, void, undefined> {
  const { dataset } = shard
  for (const key of keys) {
    const before = shard.records.get(key)
    if (before === undefined || before.vanishedAt !== undefined) continue
    const after = { ...before, vanishedAt: options.now }
    shard.updates.set(key, after)
    shard.changes.push({ kind: 'vanished', dataset, key, label: before.label, what: [], before, after })
  }
  if (shard.changes.length === 0) return
  yield* tell(options, shard)
  await remember(options, shard)
}
