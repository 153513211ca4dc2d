import type { ObjectStore } from '@lake/core'
import { checkKey } from './object-key.ts'
import { checkPutOptions } from './put-condition.ts'
import { ask, placeOf, s3Connection } from './s3-connection.ts'
import { COPY_FROM, type CopyFrom, copyObjectAt, foreignCopier } from './s3-copy.ts'
import { digestAsker, STORED_SHA256, type StoredSha256 } from './s3-digest.ts'
import { listObjects } from './s3-list.ts'
import { S3_LOCATION, type S3Location } from './s3-location.ts'
import type { S3StoreOptions } from './s3-options.ts'
import { putObjectAt } from './s3-put.ts'
import { lookAt, readObjectAt } from './s3-read.ts'
import { type S3Settings, s3Settings } from './s3-settings.ts'

/**
 * A bucket of AWS or of any other server that speaks S3, or a folder of one. The AWS client is loaded for the first request.
 *
 * Bodies of any length are put in bounded memory. The same bytes have the same etag, and a put tells no `lastModified`: S3 does
 * not answer with it.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an option cannot be. From its methods, as `ObjectStore` says; `NOT_FOUND` also
 *   when there is no such bucket, `BAD_REQUEST` when it is in another region, `UNSUPPORTED` when the server lacks an operation.
 *
 * @example
 * const store = s3Store({ bucket: 'data.binance.vision', region: 'ap-northeast-1', anonymous: true })
 * for await (const { key, size } of store.list({ prefix: 'data/spot/daily/klines/BTCUSDT/1m/' })) console.log(key, size)
 */
export function s3Store(options: S3StoreOptions): ObjectStore {
  const settings = s3Settings(options, process.env)
  const connection = s3Connection(settings)
  const { bucket, base } = settings
  const store: ObjectStore & S3Extras = {
    [S3_LOCATION]: locationOf(settings),
    [STORED_SHA256]: digestAsker(connection),
    [COPY_FROM]: foreignCopier(connection),

    url: placeOf(settings, undefined),

    list(listOptions = {}) {
      return listObjects(connection, listOptions)
    },

    async head(key, { signal } = {}) {
      checkKey(key)
      return lookAt(connection, key, signal)
    },

    async get(key, getOptions = {}) {
      checkKey(key)
      return readObjectAt(connection, key, getOptions)
    },

    async put(key, body, putOptions = {}) {
      checkKey(key)
      checkPutOptions(key, putOptions)
      return putObjectAt(connection, key, body, putOptions)
    },

    async copy(from, to, putOptions = {}) {
      checkKey(from)
      checkKey(to)
      checkPutOptions(to, putOptions)
      return copyObjectAt(connection, from, to, putOptions)
    },

    async delete(key, { signal } = {}) {
      checkKey(key)
      await ask(connection, {
        key,
        signal,
        send: async (client, request) => client.deleteObject({ Bucket: bucket, Key: base + key }, request),
      })
    },
  }
  return store
}

interface S3Extras {
  readonly [S3_LOCATION]: S3Location
  readonly [STORED_SHA256]: StoredSha256
  readonly [COPY_FROM]: CopyFrom
}

function locationOf(settings: S3Settings): S3Location {
  const { bucket, base, endpoint, region, forcePathStyle, requesterPays, largestCopyBytes } = settings
  const { anonymous, credentials, profile } = settings
  const signedBy = anonymous ? 'nobody' : (credentials ?? profile) === undefined ? 'environment' : 'given'
  return { bucket, prefix: base, endpoint, region, forcePathStyle, requesterPays, largestCopyBytes, signedBy }
}
