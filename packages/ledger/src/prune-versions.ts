import { LakeError, type ObjectStore, readObject, type Series, versionKey } from '@lake/core'
import { keepBytes } from './keep-bytes.ts'
import { listManifests } from './list-manifests.ts'
import type { Manifest, SupersededFile } from './manifest.ts'
import { readManifest } from './read-manifest.ts'
import { swapManifest } from './swap-manifest.ts'

/** Which kept versions may go. */
export interface PruneOptions {
  /** The newest versions of each partition that stay. @default 0 */
  readonly keep?: number | undefined
  /** Only versions that were superseded before this moment, epoch microseconds UTC. @default all */
  readonly before?: number | undefined
  /** Tells what would go, and takes nothing away. @default false */
  readonly dryRun?: boolean | undefined
  /** The clock, epoch microseconds UTC. */
  readonly now: number
  readonly signal?: AbortSignal | undefined
}

/** A version of a partition whose bytes are gone, or would be. */
export interface PrunedVersion {
  /** The partition's key. */
  readonly key: string
  readonly sha256: string
  readonly bytes: number
  readonly supersededAt: number
}

/**
 * Deletes the bytes of kept versions. What the manifest knows of them stays, and so do the reports on what was restated.
 *
 * All manifests are swapped first, by compare-and-swap: from then on nobody looks for the bytes. Then they are deleted,
 * and then told. Killed in between, the next call deletes what is left, and does not tell it again. Readers of the lake
 * as it is never look at versions, and bytes that are the truth somewhere today, or kept by an entry of any partition,
 * stay. A commit at the same time may want the very bytes that go: after each deletion the manifests that let them go
 * are read again, and bytes that are wanted are put back.
 *
 * Reads every manifest, those with versions twice, and all once more where bytes are to be deleted.
 *
 * @throws {@link LakeError} `CONFLICT` when a manifest was changed twenty times while this one tried: call it again.
 *
 * @example
 * for await (const { key, bytes } of pruneVersions(store, { keep: 3, now: Date.now() * 1000 })) console.log(key, bytes)
 */
export async function* pruneVersions(
  store: ObjectStore,
  options: PruneOptions,
): AsyncGenerator<PrunedVersion, void, undefined> {
  const { dryRun = false, signal } = options
  const pruned: PrunedVersion[] = []
  const unwanted = new Map<string, Month[]>()
  for await (const { series, month, superseded } of listManifests(store, { signal })) {
    if (superseded === undefined) continue
    const { going, gone } = await markPruned(store, { series, month }, options)
    for (const { key, sha256, bytes, supersededAt } of going) pruned.push({ key, sha256, bytes, supersededAt })
    for (const sha256 of gone) unwanted.set(sha256, [...(unwanted.get(sha256) ?? []), { series, month }])
  }
  if (!dryRun) await deleteUnwanted(store, unwanted, signal)
  yield* pruned
}

/** The unit of a manifest. */
interface Month {
  readonly series: Series
  /** `YYYY-MM` */
  readonly month: string
}

/** Each conflict means that another writer got through. */
const MAXIMUM_ATTEMPTS = 20

/** Marks the versions of a month that go; gives these, and the hashes of all whose bytes it does not want. */
async function markPruned(
  store: ObjectStore,
  { series, month }: Month,
  options: PruneOptions,
): Promise<{ readonly going: readonly SupersededFile[]; readonly gone: readonly string[] }> {
  const { dryRun = false, now, signal } = options
  for (let attempt = 1; ; attempt++) {
    const base = await readManifest(store, series, month)
    if (base === undefined) return { going: [], gone: [] }
    const { files, blocked = [], superseded = [] } = base.manifest
    const going = versionsToPrune(base.manifest, options)
    const isGone = new Set(going)
    const marked = superseded.map((one) => (isGone.has(one) ? { ...one, prunedAt: now } : one))
    const gone = marked.filter(({ prunedAt }) => prunedAt !== undefined).map(shaOf)
    if (going.length === 0 || dryRun) return { going, gone }
    try {
      await swapManifest({ store, series, month, base, files, blocked, superseded: marked, signal })
      return { going, gone }
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

/** The versions of a month that would go, the oldest first. */
function versionsToPrune(
  { files, superseded = [] }: Manifest,
  { keep = 0, before = Number.POSITIVE_INFINITY }: Pick<PruneOptions, 'keep' | 'before'>,
): SupersededFile[] {
  const current = new Set(files.map(shaOf))
  const held = superseded.filter(({ prunedAt }) => prunedAt === undefined)
  return held.filter((one) => {
    const younger = held.filter(({ label, supersededAt }) => label === one.label && supersededAt > one.supersededAt)
    return younger.length >= keep && one.supersededAt < before && !current.has(one.sha256)
  })
}

/** Deletes bytes that no manifest wants: those of now, and those that an earlier call was killed before. */
async function deleteUnwanted(
  store: ObjectStore,
  unwanted: ReadonlyMap<string, readonly Month[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const going = new Map<string, readonly Month[]>()
  for await (const { key } of store.list({ prefix: VERSIONS, signal })) {
    const sha256 = key.slice(VERSIONS.length).replace(/\.parquet$/, '')
    const months = unwanted.get(sha256)
    if (months !== undefined) going.set(sha256, months)
  }
  if (going.size === 0) return
  // Partitions whose files are the same, byte for byte, share what is kept.
  for await (const manifest of listManifests(store, { signal })) {
    for (const sha256 of wantedBy(manifest)) going.delete(sha256)
  }
  for (const [sha256, months] of going) {
    signal?.throwIfAborted()
    await deleteBytes(store, sha256, months)
  }
}

const VERSIONS = '_lake/versions/'

/** Not to be broken off between its steps: else a version that was kept in this moment would be lost. */
async function deleteBytes(store: ObjectStore, sha256: string, months: readonly Month[]): Promise<void> {
  const key = versionKey(sha256)
  const isWanted = async (): Promise<boolean> => {
    for (const { series, month } of months) {
      const stored = await readManifest(store, series, month)
      if (stored !== undefined && wantedBy(stored.manifest).includes(sha256)) return true
    }
    return false
  }
  if (await isWanted()) return
  try {
    const bytes = await readObject(store, key)
    await store.delete(key)
    if (await isWanted()) await keepBytes(store, key, bytes)
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'NOT_FOUND') throw error
  }
}

/** The hashes of the bytes that a manifest counts on. */
function wantedBy({ files, superseded = [] }: Manifest): string[] {
  return [...files, ...superseded.filter(({ prunedAt }) => prunedAt === undefined)].map(shaOf)
}

function shaOf({ sha256 }: { readonly sha256: string }): string {
  return sha256
}
