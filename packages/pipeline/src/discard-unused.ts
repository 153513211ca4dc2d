import { type DatasetId, LakeError, type LakeErrorCode, silverSeries } from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import type { Lake } from './define-lake.ts'
import { sharedSourceOf } from './shared-file.ts'

/** After these the next try may well succeed, and what has landed saves it work. */
const TRANSIENT: ReadonlySet<LakeErrorCode> = new Set(['UNAVAILABLE', 'CONFLICT'])

/**
 * Takes out of bronze what a failed month brought in and could not use, so that bad input leaves the lake as it
 * was. Files that were there before, and files that a partition is made of, stay.
 */
export async function discardUnused(
  lake: Lake,
  dataset: DatasetId,
  month: string,
  landed: readonly TransferredFile[],
  error: LakeError,
): Promise<void> {
  if (TRANSIENT.has(error.code)) return
  const stored = await lake.ledger.manifest(silverSeries(dataset), month)
  const used = new Set(stored?.manifest.files.flatMap((file) => file.inputs.map((input) => input.key)))
  for (const { key, sourceKey, skipped } of landed) {
    if (skipped || used.has(key) || (await isOfOthers(lake, dataset, sourceKey, key))) continue
    await lake.store.delete(key)
    await lake.store.delete(`${key}.CHECKSUM`)
  }
}

/** Whether a file of many instruments was taken in for another one. */
async function isOfOthers(lake: Lake, dataset: DatasetId, sourceKey: string, key: string): Promise<boolean> {
  const shared = sharedSourceOf(lake.exchange(dataset.exchange), dataset, sourceKey)
  if (shared === undefined) return false
  return (await lake.ledger.inventory(shared.dataset)).some((file) => file.key === key)
}
