import type { FormatFingerprint } from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'

/** What the inventory keeps of a file that was taken into bronze. */
export function inventoryFile(file: TransferredFile, sourceEtags: ReadonlyMap<string, string>): InventoryFile {
  const { sourceKey, key, size, sha256, etag, verified } = file
  const sourceEtag = sourceEtags.get(sourceKey) ?? ''
  return { sourceKey, key, size, sha256, etag, verified, ...(sourceEtag === '' ? {} : { sourceEtag }) }
}

/** What it says of the form of a file, where a run has found that out. */
export function fingerprintIn(
  fingerprints: ReadonlyMap<string, FormatFingerprint>,
  key: string,
): Pick<InventoryFile, 'fingerprint'> {
  const fingerprint = fingerprints.get(key)
  return fingerprint === undefined ? {} : { fingerprint }
}

/** Hashes of files of many instruments that were read and hold no row of this one. */
export function rowlessFiles(inventory: readonly InventoryFile[]): ReadonlySet<string> {
  return new Set(
    inventory.flatMap(({ sha256, fingerprint }) =>
      fingerprint?.ownRows === 0 && sha256 !== undefined ? [sha256] : [],
    ),
  )
}
