import { fileURLToPath } from 'node:url'
import { LakeError, type ObjectStore } from '@lake/core'
import { fileStore } from './file-store.ts'
import { httpStore, type HttpStoreOptions } from './http-store.ts'
import { memoryStore } from './memory-store.ts'
import type { S3StoreOptions } from './s3-options.ts'
import { s3Store } from './s3-store.ts'

/** How to reach a web server or a server of S3; each store takes the options that it knows. */
export type OpenStoreOptions = Omit<HttpStoreOptions, 'url'> & Omit<S3StoreOptions, 'bucket' | 'prefix'>

/**
 * The store that a text names.
 *
 * | text | store |
 * |---|---|
 * | `./lake`, `/data/lake` | a folder; relative paths start at the working directory |
 * | `file:./lake`, `file:/data/lake` | the same; what follows `file:` is the path as it is |
 * | `file:///data/my%20lake` | a folder, as a URL writes it |
 * | `memory:` | a new store in memory |
 * | `https://host/path`, `http://host/path` | a web server, read-only |
 * | `s3://bucket`, `s3://bucket/path` | a bucket, or a folder of it; the path as it is. The AWS variables tell the rest |
 *
 * @throws {@link LakeError} `BAD_REQUEST` for any other text.
 *
 * @example
 * const store = openStore('file:./lake-data')
 */
export function openStore(url: string, options: OpenStoreOptions = {}): ObjectStore {
  // A single letter is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return fileStore({ root: nonEmpty(url) })
    case 'file':
      return fileStore({ root: /^file:\/\//i.test(url) ? pathOfUrl(url) : nonEmpty(url.slice('file:'.length)) })
    case 'memory':
      return memoryStore()
    case 'http':
    case 'https':
      return httpStore({ ...options, url })
    case 's3':
      return s3Store({ ...options, ...placeOfUrl(url) })
    default:
      throw new LakeError('BAD_REQUEST', `There is no store for ${scheme}:. ${FORMS}`, { details: { scheme } })
  }
}

const FORMS = 'Write a folder such as ./lake or file:///data/lake, memory:, https://host/path, or s3://bucket/path.'

function nonEmpty(path: string): string {
  if (path !== '') return path
  throw new LakeError('BAD_REQUEST', `A store needs a place. ${FORMS}`)
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new LakeError('BAD_REQUEST', `'${url}' is not the URL of a folder on this machine. ${FORMS}`, {
      cause: error,
      details: { url },
    })
  }
}

/** What follows the bucket is a key, not a path of the web: nothing in it is decoded. */
function placeOfUrl(url: string): { bucket: string; prefix: string } {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(url) ?? []
  return { bucket, prefix }
}
