import { LakeError, type ObjectInfo } from '@lake/core'
import { compareKeys } from './key-order.ts'
import { isKey } from './object-key.ts'

/** An entry of a listing, its key that of the bucket. */
export interface ListedEntry extends ObjectInfo {
  /** True for what stands for all keys below it, not for an object of that name. */
  readonly isFolder?: boolean | undefined
}

/** Where the entries of a listing page come from, and what was asked for. */
export interface ListedPage {
  /** How messages name the listing. */
  readonly url: string
  /** What comes before the keys of the store in the keys of the bucket: nothing, or text that ends with a slash. */
  readonly base: string
  /** What was asked for, below the base. */
  readonly prefix: string
  /** The key of the bucket that came last before this page. */
  readonly after: string
}

/**
 * The entries of a page as objects of the store, and as folders where the listing folds.
 *
 * @throws {@link LakeError} `STORE_FAILED` for keys that nobody asked for, that could leave the store, or that come twice or
 *   out of order.
 */
export function* listedObjects(
  entries: Iterable<ListedEntry>,
  { url, base, prefix, after }: ListedPage,
): Generator<ObjectInfo, void, undefined> {
  let last = after
  const start = base + prefix
  for (const { key: listed, size, etag, lastModified, isFolder = false } of entries) {
    if (!listed.startsWith(start)) throw refusedEntry(url, listed, `not under '${start}'`)
    if (compareKeys(listed, last) <= 0) throw refusedEntry(url, listed, `not after '${last}'`)
    last = listed
    const key = listed.slice(base.length)
    // Some tools leave an empty object for each folder.
    if (!isFolder && (key === '' || key.endsWith('/'))) continue
    if (!isKey(isFolder ? key.slice(0, -1) : key)) throw refusedEntry(url, listed, 'no key that is safe to use')
    yield { key, size, etag, lastModified }
  }
}

export function refusedEntry(url: string, key: string, why: string): LakeError {
  const message = `The listing at ${url} gave '${key}', which is ${why}. The rest of the listing was not read.`
  return new LakeError('STORE_FAILED', message, { details: { url, key } })
}
