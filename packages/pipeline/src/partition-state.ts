import { fingerprintOf, type ManifestFile, type StoredManifest } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import type { SilverPartition } from './silver-partition.ts'

export interface PartitionStateOptions {
  readonly lake: Lake
  readonly partition: SilverPartition
  /** The manifest of its month. */
  readonly stored: StoredManifest | undefined
  readonly revision: number
  /** What else shapes the partition. */
  readonly options: ManifestFile['options']
}

/** Whether the state that the inputs give is published, is known to be one that must not be, or is not known. */
export async function partitionState(options: PartitionStateOptions): Promise<'published' | 'blocked' | 'changed'> {
  const { lake, partition, stored, revision } = options
  const { label } = partition.period
  const inputs = partition.files.map((file) => file.sha256)
  const fingerprint = fingerprintOf({ inputs, revision, options: options.options })
  const block = stored?.manifest.blocked?.find((one) => one.label === label)
  if (block?.fingerprint === fingerprint) return 'blocked'
  // The same inputs were blocked under another contract: what is published is committed again, which takes that away.
  if (block !== undefined && isSame(inputs, block.inputs)) return 'changed'
  const known = stored?.manifest.files.find((one) => one.label === label)
  if (known?.fingerprint !== fingerprint) return 'changed'
  return (await lake.store.head(known.key))?.etag === known.etag ? 'published' : 'changed'
}

function isSame(sha256s: readonly string[], inputs: ManifestFile['inputs']): boolean {
  const known = new Set(inputs.map(({ sha256 }) => sha256))
  return known.size === new Set(sha256s).size && sha256s.every((sha256) => known.has(sha256))
}
