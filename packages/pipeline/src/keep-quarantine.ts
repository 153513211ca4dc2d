import { type DatasetId, LakeError, type LakeErrorCode, quarantineKey } from '@lake/core'
import type { Lake } from './define-lake.ts'
import type { FileFindings } from './file-findings.ts'

/** The key of the metadata that names the bronze file whose lines these are. */
export const QUARANTINE_INPUT = 'lake.input'

/**
 * Puts the bad lines of files aside, does something that rests on them, and takes away those of files that have none.
 *
 * The object is named by the hash of the file's bytes and made of nothing but them, so a crash in between leaves what
 * the next run puts there anyway. When the work is certainly refused, what was put for it is taken away again.
 *
 * @param clean hashes of files that may have had bad lines before
 */
export async function withQuarantine<T>(
  { lake, dataset, signal }: { lake: Lake; dataset: DatasetId; signal?: AbortSignal | undefined },
  { findings, clean }: { readonly findings: readonly FileFindings[]; readonly clean: Iterable<string> },
  work: () => Promise<T>,
): Promise<T> {
  const { store } = lake
  const kept = new Set<string>()
  const put: string[] = []
  for (const { key: input, sha256, quarantined } of findings) {
    if (quarantined.length === 0) continue
    const key = quarantineKey(dataset, sha256)
    if ((await store.head(key, { signal })) === undefined) put.push(key)
    const { encodeQuarantine } = await import('./encode-quarantine.ts')
    const bytes = encodeQuarantine(quarantined, { [QUARANTINE_INPUT]: input })
    await store.put(key, bytes, { signal })
    kept.add(sha256)
  }
  let result: T
  try {
    result = await work()
  } catch (error) {
    if (LakeError.is(error) && REFUSED.has(error.code)) for (const key of put) await store.delete(key)
    throw error
  }
  for (const sha256 of new Set(clean)) if (!kept.has(sha256)) await store.delete(quarantineKey(dataset, sha256))
  return result
}

/** After these nothing was committed; after a conflict another run may have put the same lines aside. */
const REFUSED: ReadonlySet<LakeErrorCode> = new Set(['NO_SPACE', 'NO_PERMISSION'])
