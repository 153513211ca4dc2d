import { canonicalJson, LakeError, type ObjectStore } from '@lake/core'

/** Keeps a report whose key is made of all that it tells: where there is one already, it is the same. */
export async function writeReport(
  store: ObjectStore,
  key: string,
  report: object,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = new TextEncoder().encode(`${canonicalJson(report, 1)}\n`)
  try {
    await store.put(key, bytes, { ifAbsent: true, signal })
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
  }
}
