import { LakeError, type ObjectStore, versionKey } from '@lake/core'
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
 * truth somewhere today, or kept by another entry, stay.
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
    const kept = new Set(superseded.filter((one) => one.prunedAt === undefined && !going.has(one)).map(shaOf))
    for (const file of files) kept.add(file.sha256)
    for (const { key, sha256, bytes, supersededAt } of going) yield { key, sha256, bytes, supersededAt }
    if (!dryRun) await deleteBytes(store, { superseded, going, kept })
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

/** Those of now, and those that an earlier call was killed before. */
async function deleteBytes(
  store: ObjectStore,
  {
    superseded,
    going,
    kept,
  }: {
    readonly superseded: readonly SupersededFile[]
    readonly going: ReadonlySet<SupersededFile>
    readonly kept: ReadonlySet<string>
  },
): Promise<void> {
  const gone = superseded.filter((one) => (one.prunedAt !== undefined || going.has(one)) && !kept.has(one.sha256))
  for (const sha256 of new Set(gone.map(shaOf))) {
    try {
      if ((await store.head(versionKey(sha256))) !== undefined) await store.delete(versionKey(sha256))
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'NOT_FOUND') throw error
    }
  }
}

function shaOf({ sha256 }: { readonly sha256: string }): string {
  return sha256
}
