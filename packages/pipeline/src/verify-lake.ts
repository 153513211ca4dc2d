import { LakeError, type ObjectStore, readObject } from '@lake/core'
import { type Verification, verifyArchive } from '@lake/ingest-s5cmd'
import { type ManifestFile, sha256Of } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { rememberVerified } from './remember-verified.ts'

export interface VerifyLakeOptions {
  /** Where damaged bronze files are fetched from once more. Absent, they are only put aside. */
  readonly source?: ObjectStore | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads every byte of a lake again: bronze against the published checksums, silver and gold against their manifests.
 *
 * What is damaged is moved to `_lake/quarantine/`. A bronze file is fetched from the source once more; a partition that is
 * put aside is rebuilt by the next run, out of bronze. A file that nobody had read since it was copied within a server is no longer
 * unverified.
 *
 * @throws {@link LakeError} as the store does; what is wrong with a file is told, not thrown.
 *
 * @example
 * for await (const { key, state } of verifyLake(lake)) if (state !== 'verified') console.log(state, key)
 */
export async function* verifyLake(
  lake: Lake,
  { source, signal }: VerifyLakeOptions = {},
): AsyncGenerator<Verification, void, undefined> {
  const notes = await rememberVerified(lake, signal)
  try {
    for await (const found of verifyArchive({ target: lake.store, source, signal })) {
      notes.take(found)
      yield found
    }
  } finally {
    // Also when it was broken off: what was read is known.
    await notes.record()
  }
  for await (const { files } of lake.ledger.manifests({ signal })) {
    for (const file of files) {
      signal?.throwIfAborted()
      yield await verifyPartition(lake.store, file)
    }
  }
}

async function verifyPartition(store: ObjectStore, { key, sha256: expected }: ManifestFile): Promise<Verification> {
  let bytes: Uint8Array
  try {
    bytes = await readObject(store, key)
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'NOT_FOUND') throw error
    return { key, state: 'missing', size: 0, sha256: '', expected }
  }
  const sha256 = sha256Of(bytes)
  const found = { key, size: bytes.length, sha256, expected }
  if (sha256 === expected) return { ...found, state: 'verified' }
  const quarantineKey = `_lake/quarantine/partitions/${sha256.slice(0, 12)}/${key}`
  await store.put(quarantineKey, bytes)
  await store.delete(key)
  return { ...found, state: 'quarantined', quarantineKey }
}
