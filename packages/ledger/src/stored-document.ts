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
  /** Without line breaks: for documents of many thousand entries. */
  readonly isDense?: boolean | undefined
}

export interface DocumentOptions {
  readonly signal?: AbortSignal | undefined
}

/** What a document says, with its text and etag; without these two it was never written. */
export interface ReadDocument<T> {
  readonly value: T
  readonly text?: string | undefined
  readonly etag?: string | undefined
}

/** Several runs may write at once; each conflict means that another one got through. */
const MAXIMUM_ATTEMPTS = 20

/**
 * What a document says.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readDocument<T>(
  store: ObjectStore,
  document: StoredDocument<T>,
  { signal }: DocumentOptions = {},
): Promise<ReadDocument<T>> {
  const { key, absent, parse, name, remedy } = document
  try {
    const { info, body } = await store.get(key, { signal })
    const text = new TextDecoder().decode(await collectBytes(body))
    return { value: parse(JSON.parse(text)), text, etag: info.etag }
  } catch (error) {
    signal?.throwIfAborted()
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return { value: absent }
    if (LakeError.is(error)) throw error
    const message = `${name} ${key} cannot be read. Nothing was changed. ${remedy}`
    throw new LakeError('CORRUPT_LAKE', message, { cause: error, details: { key } })
  }
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
  { signal }: DocumentOptions = {},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { value, text: before = textOf(document, value), etag } = await readDocument(store, document, { signal })
    const text = textOf(document, change(value))
    // Equal content is equal text: it is always written in this form.
    if (text === before) return
    try {
      // An empty document stays: a delete has no condition, and could take what another writer has put in with it.
      const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag }
      await store.put(document.key, new TextEncoder().encode(text), { ...condition, signal })
      return
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
    }
  }
}

function textOf<T>({ format, isDense = false }: StoredDocument<T>, value: T): string {
  return `${canonicalJson(format(value), isDense ? undefined : 1)}\n`
}
