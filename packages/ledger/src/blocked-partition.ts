import * as z from 'zod'
import { type ManifestInput, manifestInput, sha256Text } from './manifest-parts.ts'
import { partitionQuality, type PartitionQuality } from './partition-quality.ts'

/** A state of a partition that was computed and not published. What was published before stays. */
export interface BlockedPartition {
  /** `2024-01` or `2024-01-31` */
  readonly label: string
  /** Of the inputs, the revision and the options: as long as it is the same, computing it again gives the same. */
  readonly fingerprint: string
  /** In order of their keys. */
  readonly inputs: readonly ManifestInput[]
  /** A sentence for people. */
  readonly reason: string
  /** What checks found in it. */
  readonly quality: PartitionQuality
  /** Epoch microseconds UTC. */
  readonly blockedAt: number
}

export const blockedPartition: z.ZodType<BlockedPartition> = z.strictObject({
  label: z.string(),
  fingerprint: sha256Text,
  inputs: z.array(manifestInput),
  reason: z.string(),
  quality: partitionQuality,
  blockedAt: z.int(),
})
