import { canonicalJson, collectBytes, LakeError, type ObjectStore } from '@lake/core'

/** A JSON document of a lake that many may change at once. */
export interface StoredDocument<T> {
  readonly key: string
  /** What holds before it was ever written. */
  readonly absent: T
  /** What the document says; throws where it is none. */
  readonly parse: (value: unknown) => T
  /** The same for the file. */
  readonly format: (value: T) => unknown
  /** How it is called, and what to do when it cannot be read: `The failures`, `Delete the file: …`. */
  readonly name: string
  readonly remedy: string
}

/** Several runs may write at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * What a document says.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readDocument<T>(store: ObjectStore, document: StoredDocument<T>): Promise<T> {
  return (await readStored(store, document)).value
}

/**
 * Changes a document by compare-and-swap. `change` is called again with what others have written meanwhile; what it gives
 * back as it got it is not written.
 *
 * @throws {@link LakeError} `CONFLICT` when other writers got in between twenty times, `CORRUPT_LAKE` when it cannot be read.
 */
export async function changeDocument<T>(
  store: ObjectStore,
  document: StoredDocument<T>,
  change: (value: T) => T,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { value, etag } = await readStored(store, document)
    const changed = change(value)
    if (canonicalJson(document.format(changed)) === canonicalJson(document.format(value))) return
    const text = canonicalJson(document.format(changed), 1)
    try {
      // An empty document stays: a delete has no condition, and could take what another writer has put in with it.
      const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag }
      await store.put(document.key, new TextEncoder().encode(`${text}\n`), condition)
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

async function readStored<T>(
  store: ObjectStore,
  { key, absent, parse, name, remedy }: StoredDocument<T>,
): Promise<{ readonly value: T; readonly etag?: string }> {
  try {
    const { info, body } = await store.get(key)
    const value: unknown = JSON.parse(new TextDecoder().decode(await collectBytes(body)))
    return { value: parse(value), etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { value: absent }
    if (LakeError.is(error)) throw error
    const message = `${name} ${key} cannot be read. Nothing was changed. ${remedy}`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
}
