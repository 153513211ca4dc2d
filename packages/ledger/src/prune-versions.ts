import { LakeError, type ObjectStore, readObject, type Series, versionKey } from '@lake/core'
import { keepBytes } from './keep-bytes.ts'
import type { Manifest, SupersededFile } from './manifest.ts'
import { listManifests, readManifest } from './read-manifest.ts'
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
 * The manifest is swapped first, by compare-and-swap: from then on nobody looks for the bytes; then they are deleted. Killed in
 * between, the next call deletes what is left. Readers of the lake as it is never look at versions, and bytes that are the
 * truth somewhere today, or kept by another entry, stay. A commit at the same time may want the very bytes that go: after
 * each deletion the manifest is read again, and bytes that are wanted are put back.
 *
 * @throws {@link LakeError} `CONFLICT` when a manifest was changed at the same time: call it again.
 */
export async function* pruneVersions(
  store: ObjectStore,
  options: PruneOptions,
): AsyncGenerator<PrunedVersion, void, undefined> {
  const { dryRun = false, now, signal } = options
  for await (const { series, month } of listManifests(store, { signal })) {
    const base = await readManifest(store, series, month)
    if (base === undefined) continue
    const { files, blocked = [], superseded = [] } = base.manifest
    const going = new Set(versionsToPrune(base.manifest, options))
    if (going.size > 0 && !dryRun) {
      const marked = superseded.map((one) => (going.has(one) ? { ...one, prunedAt: now } : one))
      await swapManifest({ store, series, month, base, files, blocked, superseded: marked, signal })
    }
    for (const { key, sha256, bytes, supersededAt } of going) yield { key, sha256, bytes, supersededAt }
    const gone = superseded.filter((one) => one.prunedAt !== undefined || going.has(one)).map(shaOf)
    if (!dryRun) for (const sha256 of new Set(gone)) await deleteBytes(store, { sha256, series, month, signal })
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

interface DeletedBytes {
  readonly sha256: string
  readonly series: Series
  readonly month: string
  readonly signal: AbortSignal | undefined
}

/** Those of now, and those that an earlier call was killed before. */
async function deleteBytes(store: ObjectStore, { sha256, series, month, signal }: DeletedBytes): Promise<void> {
  const key = versionKey(sha256)
  const isWanted = async (): Promise<boolean> => {
    const { files = [], superseded = [] } = (await readManifest(store, series, month))?.manifest ?? {}
    return [...files, ...superseded.filter(({ prunedAt }) => prunedAt === undefined)].some(
      (one) => one.sha256 === sha256,
    )
  }
  if ((await store.head(key, { signal })) === undefined || (await isWanted())) return
  try {
    const bytes = await readObject(store, key, { signal })
    await store.delete(key)
    // Not to be broken off: else a version that was kept in this moment would be lost.
    if (await isWanted()) await keepBytes(store, key, bytes)
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'NOT_FOUND') throw error
  }
}

function shaOf({ sha256 }: { readonly sha256: string }): string {
  return sha256
}
