import type { DatasetId } from '@lake/core'
import type { SourceRecord } from '@lake/ledger'
import type { ArchiveFile } from './archive-file.ts'

/** What differs between two looks at a file. */
export type ChangedPart = 'size' | 'etag' | 'checksum'

/** What a scan found to be other than before. */
export interface ArchiveChange {
  /** `changed`: the source serves other bytes under the name, a restatement. A file that comes back is `new`. */
  readonly kind: 'new' | 'changed' | 'vanished'
  readonly dataset: DatasetId
  readonly key: string
  /** `2024-01` or `2024-01-31` */
  readonly label: string
  /** What differs, of a changed file. */
  readonly what: readonly ChangedPart[]
  /** What was known; absent for a file that was never seen. */
  readonly before?: SourceRecord | undefined
  readonly after: SourceRecord
  /** The file as it was found; absent when it vanished. */
  readonly file?: ArchiveFile | undefined
}

/**
 * What differs between what is known of a file and what was found; nothing when it is the same as far as both say. An equal
 * sha256 settles it: then the bytes are the same, whatever else differs.
 */
export function changedParts(
  known: SourceRecord,
  found: Pick<SourceRecord, 'size' | 'etag' | 'sha256' | 'checksumEtag'>,
): ChangedPart[] {
  if (known.sha256 !== undefined && known.sha256 === found.sha256) return []
  const parts: ChangedPart[] = []
  // Sizes are 0 where they were not asked for.
  if (differ(known.size || undefined, found.size || undefined)) parts.push('size')
  if (differ(plainEtag(known.etag), plainEtag(found.etag))) parts.push('etag')
  const isOtherChecksum = differ(known.sha256, found.sha256) || differ(known.checksumEtag, found.checksumEtag)
  if (isOtherChecksum) parts.push('checksum')
  return parts
}

/** Unknown differs from nothing. */
function differ<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}

/** A server in between may weaken an etag; `undefined` when there is none. */
function plainEtag(etag: string): string | undefined {
  const plain = etag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1')
  return plain === '' ? undefined : plain
}
