import type { DatasetId, Period } from '@lake/core'

/** One data file of an exchange's archive, as the archive itself describes it. */
export interface ArchiveFile {
  /** The key on the source. */
  readonly key: string
  readonly dataset: DatasetId
  /** The UTC day or month that its name promises. */
  readonly period: Period
  readonly size: number
  /** Opaque; empty when the source does not say. */
  readonly etag: string
  /** Where its published sha256 is; absent when the archive lists none. */
  readonly checksumKey?: string | undefined
}

/** A file that a plan takes, and why it and not another one. */
export interface PlannedFile extends ArchiveFile {
  readonly reason: string
}
