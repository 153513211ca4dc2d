import { type Gap, INTERVALS, isLakeTable, LakeError, MARKETS, type Series, type TimeRange } from '@lake/core'
import * as z from 'zod'
import { blockedPartition, type BlockedPartition } from './blocked-partition.ts'
import { partitionQuality, type PartitionQuality } from './partition-quality.ts'
import { rowConflict, type RowConflict } from './row-conflict.ts'
import { type ManifestInput, manifestInput, plainValue, type PlainValue, sha256Text } from './manifest-parts.ts'

/** One partition as its manifest knows it. */
export interface ManifestFile {
  /** `2024-01` or `2024-01-31`: the period of the partition. */
  readonly label: string
  readonly key: string
  readonly etag: string
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
  /** Time of the first and of the last row, epoch microseconds UTC. */
  readonly first: number
  readonly last: number
  /** The time that the inputs claim to cover, closed-open: outside of it nothing is known. */
  readonly span: TimeRange
  /** In order of their keys. */
  readonly inputs: readonly ManifestInput[]
  readonly revision: number
  /** What else shaped the result. */
  readonly options: Readonly<Record<string, PlainValue>>
  readonly fingerprint: string
  /** Missing rows within `span`; absent where nobody can tell. */
  readonly gaps?: readonly Gap[] | undefined
  /** Counts worth knowing: duplicates, conflicts, values that float64 cannot hold. Zeros are left out. */
  readonly counts: Readonly<Record<string, number>>
  /** The first rows of which its inputs said different things; absent when they agree. */
  readonly conflicts?: readonly RowConflict[] | undefined
  /** What checks found in it; absent for gold, and for what was committed without checks. */
  readonly quality?: PartitionQuality | undefined
  /** Absent in manifests of lakes that did not know it yet. */
  readonly commit?: ManifestCommit | undefined
  /** Stretches whose rows came with a later commit than the first of these rows; absent when there is none. */
  readonly added?: readonly AddedStretch[] | undefined
}

/** A stretch of time, closed-open, all rows of which were added to a partition at once. */
export interface AddedStretch extends TimeRange {
  /** When, by the lake's clock, epoch microseconds UTC. */
  readonly at: number
}

/** When and by whom a file was made the truth. Times are of the lake's clock, epoch microseconds UTC. */
export interface ManifestCommit {
  readonly at: number
  /** Name of the run, as in `_lake/runs/<run>.json`; absent when the file was committed outside of one. */
  readonly run?: string | undefined
  /** Since when the rows of the file are the truth, but for rows that were added; absent when nobody knows. */
  readonly since?: number | undefined
}

/** A file that was the truth once: its bytes lie under {@link versionKey} of its sha256. */
export interface SupersededFile extends ManifestFile {
  readonly supersededAt: number
  /** The sha256 of the file that took its place. */
  readonly supersededBy: string
  /** When its bytes were deleted; absent while they lie there. */
  readonly prunedAt?: number | undefined
}

/** The truth about one dataset-month: which files it consists of, and what each was made from. */
export interface Manifest {
  readonly format: 1
  readonly series: Series
  /** `YYYY-MM` */
  readonly month: string
  /** In order of their labels. */
  readonly files: readonly ManifestFile[]
  /** Earlier versions whose rows were changed or taken away, the oldest first; absent when there is none. */
  readonly superseded?: readonly SupersededFile[] | undefined
  /** Newer states of partitions that were not published, and why, in order of their labels; absent when there are none. */
  readonly blocked?: readonly BlockedPartition[] | undefined
}

const range = { from: z.int(), to: z.int() }

const manifestFile = z.strictObject({
  label: z.string(),
  key: z.string(),
  etag: z.string(),
  sha256: sha256Text,
  bytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  first: z.int(),
  last: z.int(),
  span: z.strictObject(range),
  inputs: z.array(manifestInput),
  revision: z.int().positive(),
  options: z.record(z.string(), plainValue),
  fingerprint: sha256Text,
  gaps: z.array(z.strictObject({ ...range, expected: z.int().positive() })).optional(),
  counts: z.record(z.string(), z.int()),
  conflicts: z.array(rowConflict).optional(),
  commit: z.strictObject({ at: z.int(), run: z.string().optional(), since: z.int().optional() }).optional(),
  added: z.array(z.strictObject({ at: z.int(), ...range })).optional(),
  quality: partitionQuality.optional(),
})

const supersededFile = manifestFile.extend({
  supersededAt: z.int(),
  supersededBy: sha256Text,
  prunedAt: z.int().optional(),
})

export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  format: z.literal(1),
  series: z.strictObject({
    layer: z.enum(['silver', 'gold']),
    table: z.custom<Series['table']>((value) => typeof value === 'string' && isLakeTable(value), 'no such table'),
    exchange: z.string(),
    market: z.enum(MARKETS),
    symbol: z.string(),
    interval: z.enum(INTERVALS).optional(),
  }),
  month: z.string().regex(/^\d{4}-\d\d$/),
  files: z.array(manifestFile),
  superseded: z.array(supersededFile).optional(),
  blocked: z.array(blockedPartition).optional(),
})

/**
 * Reads a manifest's text.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` naming the key and the first thing that is wrong.
 */
export function parseManifest(text: string, key: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw corrupt(key, 'it is not JSON', cause)
  }
  const result = manifestSchema.safeParse(value)
  if (result.success) return result.data
  throw corrupt(key, z.prettifyError(result.error), result.error)
}

function corrupt(key: string, why: string, cause: unknown): LakeError {
  return new LakeError(
    'CORRUPT_LAKE',
    `The manifest ${key} cannot be read: ${why}. Nothing was changed. Delete it, and the next run rebuilds its partitions.`,
    { cause, details: { key } },
  )
}
