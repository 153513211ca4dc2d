import type { ObjectStore, Series } from '@lake/core'
import type { BlockedPartition } from './blocked-partition.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { ManifestFile } from './manifest.ts'
import type { ManifestInput } from './manifest-parts.ts'
import type { PartitionQuality } from './partition-quality.ts'
import type { StoredManifest } from './read-manifest.ts'
import { swapManifest } from './swap-manifest.ts'

/** A computed partition that must not be published, and why. */
export interface BlockOptions {
  readonly store: ObjectStore
  readonly series: Series
  /** `2024-01` or `2024-01-31`. */
  readonly label: string
  /** The manifest that the caller decided on; `undefined` when there was none. */
  readonly base: StoredManifest | undefined
  readonly inputs: readonly ManifestInput[]
  readonly revision: number
  readonly options: ManifestFile['options']
  /** A sentence for people. */
  readonly reason: string
  readonly quality: PartitionQuality
  /** Epoch microseconds UTC. */
  readonly blockedAt: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Remembers in the manifest that a state of a partition was computed and is not published. One swap of the manifest:
 * no file of the lake is touched, and what the partition was before stays the truth. The next commit of the partition
 * takes the mark away.
 *
 * @throws {@link LakeError} `CONFLICT` when another writer was first: read the manifest again and decide anew.
 */
export async function blockPartition(options: BlockOptions): Promise<StoredManifest> {
  const { store, series, label, base, revision, reason, quality, blockedAt, signal } = options
  const inputs = [...options.inputs].sort((a, b) => (a.key < b.key ? -1 : 1))
  const sha256s = inputs.map(({ sha256 }) => sha256)
  const fingerprint = fingerprintOf({ inputs: sha256s, revision, options: options.options })
  const block: BlockedPartition = { label, fingerprint, inputs, reason, quality, blockedAt }
  const others = base?.manifest.blocked?.filter((other) => other.label !== label) ?? []
  const { files = [], superseded = [] } = base?.manifest ?? {}
  const blocked = [...others, block]
  return swapManifest({ store, series, month: label.slice(0, 7), base, files, blocked, superseded, signal })
}
