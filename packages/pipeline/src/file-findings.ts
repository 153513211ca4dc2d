import type { FormatFingerprint } from '@lake/core'
import type { ParseReport, QuarantinedRow } from '@lake/parse'

/** What the reading of an archive file has found besides its rows. */
export interface FileFindings {
  /** The file's key in bronze. */
  readonly key: string
  readonly sha256: string
  readonly fingerprint: FormatFingerprint
  /** Its lines that are no rows. */
  readonly quarantined: readonly QuarantinedRow[]
}

export function findingsOf(
  { key, sha256 }: Pick<FileFindings, 'key' | 'sha256'>,
  { fingerprint, quarantined }: ParseReport,
): FileFindings {
  return { key, sha256, fingerprint, quarantined }
}

/** Whether a file of many instruments says nothing of this one: no row of it, and no line that may be one. */
export function isRowless({ fingerprint, quarantined }: FileFindings): boolean {
  return fingerprint.ownRows === 0 && quarantined.length === 0
}
