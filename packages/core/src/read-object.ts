import type { GetOptions, ObjectStore } from './object-store.ts'

/**
 * All bytes of an object, or of a range of it, in memory. Throws what {@link ObjectStore.get} throws.
 *
 * @example
 * const text = new TextDecoder().decode(await readObject(store, 'state/counter'))
 */
export async function readObject(store: ObjectStore, key: string, options?: GetOptions): Promise<Uint8Array> {
  const { body } = await store.get(key, options)
  return collectBytes(body)
}

/**
 * All bytes of a stream as one array.
 *
 * @example
 * const { body } = await store.get('state/counter')
 * const bytes = await collectBytes(body)
 */
export async function collectBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
  }
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
