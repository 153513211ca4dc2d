import { LakeError } from '../lake-error.ts'
import type { ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts'
import { inByteOrder } from './store-check.ts'

/** A store that shows what it holds, so that a test can break it. */
export interface PlainStore extends ObjectStore {
  readonly objects: Map<string, { readonly bytes: Uint8Array; readonly info: ObjectInfo }>
  /** Throws what a put under these options would throw now. */
  check(key: string, options?: PutOptions): void
}

/** The shortest store that keeps every promise of the port: what the suite itself is tested on. */
export function plainStore(): PlainStore {
  const objects: PlainStore['objects'] = new Map()
  let version = 0
  const check = (key: string, options: PutOptions = {}): void => {
    if (options.ifAbsent === true && options.ifMatch !== undefined)
      throw new LakeError('BAD_REQUEST', 'ifAbsent excludes ifMatch.')
    const etag = objects.get(key)?.info.etag
    if (options.ifAbsent === true && etag !== undefined) throw new LakeError('CONFLICT', `${key} is there already.`)
    if (options.ifMatch !== undefined && etag !== options.ifMatch)
      throw new LakeError('CONFLICT', `${key} has etag ${etag ?? ''}.`)
  }
  return {
    url: 'test:',
    objects,
    check,
    async *list({ prefix = '', delimiter, signal } = {}) {
      let folder = ''
      for (const key of inByteOrder(objects.keys())) {
        signal?.throwIfAborted()
        const object = objects.get(key)
        if (object === undefined || !key.startsWith(prefix)) continue
        const slash = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
        if (slash < 0) yield object.info
        else if (key.slice(0, slash + 1) !== folder) {
          folder = key.slice(0, slash + 1)
          yield { key: folder, size: 0, etag: '', lastModified: 0 }
        }
      }
      signal?.throwIfAborted()
    },
    async head(key, { signal } = {}) {
      signal?.throwIfAborted()
      refuseBadKey(key)
      return objects.get(key)?.info
    },
    async get(key, { range: { start, end } = { start: 0 }, ifMatch, signal } = {}) {
      signal?.throwIfAborted()
      refuseBadKey(key)
      const isRange =
        Number.isInteger(start) && start >= 0 && (end === undefined || (Number.isInteger(end) && end >= start))
      if (!isRange) throw new LakeError('BAD_REQUEST', `${start}..${end ?? ''} is no range of bytes.`)
      const object = objects.get(key)
      if (object === undefined) throw new LakeError('NOT_FOUND', `There is no object ${key}.`)
      if (ifMatch !== undefined && ifMatch !== object.info.etag)
        throw new LakeError('CONFLICT', `${key} has another etag.`)
      return { info: object.info, body: chunked(object.bytes.slice(start, end), signal) }
    },
    async put(key, body, options = {}) {
      const { signal } = options
      signal?.throwIfAborted()
      refuseBadKey(key)
      check(key, options)
      const bytes = Symbol.asyncIterator in body ? await collectUntilAborted(body, signal) : body.slice()
      check(key, options)
      const info = { key, size: bytes.length, etag: `v${version++}`, lastModified: Date.now() * 1000 }
      objects.set(key, { bytes, info })
      return info
    },
    async delete(key, { signal } = {}) {
      signal?.throwIfAborted()
      refuseBadKey(key)
      objects.delete(key)
    },
  }
}

function refuseBadKey(key: string): void {
  const isBad =
    /[\\\0\p{Surrogate}]/u.test(key) || key.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (isBad) throw new LakeError('BAD_REQUEST', `'${key}' cannot be the key of an object.`)
}

/** Bytes as the chunks of a body. */
export async function* chunked(bytes: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += 1_000_000) {
    signal?.throwIfAborted()
    yield bytes.subarray(start, start + 1_000_000)
  }
  signal?.throwIfAborted()
}

async function collectUntilAborted(body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  const reader = body[Symbol.asyncIterator]()
  const aborted = new Promise<undefined>((resolve) => signal?.addEventListener('abort', () => { resolve(undefined) })) // prettier-ignore
  const chunks: Uint8Array[] = []
  for (;;) {
    const next = await Promise.race([reader.next(), aborted])
    if (signal?.aborted === true) void reader.return?.()
    signal?.throwIfAborted()
    if (next === undefined || next.done === true) return Buffer.concat(chunks)
    chunks.push(next.value.slice())
  }
}
