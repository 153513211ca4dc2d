import type { DatasetId, Period } from '@lake/core'

/** One data file of an exchange's archive, as the archive itself describes it. */
export interface ArchiveFile {
  /** The key on the source. */
  readonly key: string
  readonly dataset: DatasetId
  /** The UTC day or month that its name promises. */
  readonly period: Period
  /** In bytes; 0 when the source does not say and was not asked. */
  readonly size: number
  /** Opaque; empty when the source does not say. */
  readonly etag: string
  /** Where its published checksum is; absent when the archive lists none. */
  readonly checksumKey?: string | undefined
  /** What that is made with; a sha256 when absent. */
  readonly checksumAlgorithm?: 'md5' | undefined
  /** The etag of the published checksum: where it changes, the file was replaced. Absent when the source does not say. */
  readonly checksumEtag?: string | undefined
}

/** A file that a plan takes, and why it and not another one. */
export interface PlannedFile extends ArchiveFile {
  readonly reason: string
}
