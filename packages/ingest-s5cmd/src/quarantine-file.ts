import type { ObjectStore } from '@lake/core'

/**
 * Moves an object to `_lake/quarantine/archive/<start of its sha256>/<its key>`, and gives that key. The object is
 * deleted only when the copy lies there; killed in between, both are there, and the next check does the same again.
 *
 * @throws {@link LakeError} as the store does; `CONFLICT` when somebody replaced the object in the meantime.
 */
export async function quarantineFile(
  store: ObjectStore,
  file: { readonly key: string; readonly etag: string; readonly sha256: string },
  signal: AbortSignal | undefined,
): Promise<string> {
  const { key, etag, sha256 } = file
  const to = `_lake/quarantine/archive/${sha256.slice(0, 12)}/${key}`
  if ((await store.head(to, { signal })) === undefined) {
    const { body } = await store.get(key, { ifMatch: etag, signal })
    await store.put(to, body, { signal })
  }
  await store.delete(key, { signal })
  return to
}
