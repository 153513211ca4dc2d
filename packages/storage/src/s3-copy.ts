import type { CompletedPart, CopyObjectCommandInput } from '@aws-sdk/client-s3'
import { LakeError, type ObjectInfo, type ObjectStore, type PutOptions } from '@lake/core'
import { etagCondition, etagOf } from './http-object.ts'
import { checkCondition } from './put-condition.ts'
import { conditionOf, type S3Condition } from './s3-condition.ts'
import { ask, type S3Connection } from './s3-connection.ts'
import { serverMillis } from './s3-patience.ts'
import { absent, lookAt, microsOf } from './s3-read.ts'
import { withUpload } from './s3-upload.ts'

/** An object of any bucket that the server of a store can reach, as a listing tells of it. */
export interface CopySource {
  readonly bucket: string
  /** The whole key in that bucket. */
  readonly key: string
  readonly size: number
  /** The copy fails when the object has another by then, on servers that heed that condition. */
  readonly etag: string
  /** Its bucket is one whose readers pay, and who copies agrees to. */
  readonly requesterPays?: boolean | undefined
}

/** Makes an object of a store out of one of another bucket, without moving the bytes here; in parts when it is large. */
export type CopyFrom = (
  source: CopySource,
  to: string,
  options?: { readonly signal?: AbortSignal | undefined },
) => Promise<ObjectInfo>

/** What a store of S3 carries besides the port. The symbol is the same in every copy of this package. */
export const COPY_FROM: unique symbol = Symbol.for('@lake/storage/copy-from')

/**
 * The function that copies into a store of S3 from another bucket of its server; `undefined` for any other store. Only
 * where nothing is: what is there stays. Throws `CONFLICT` then, and when the source was replaced, as far as the server
 * heeds that condition.
 *
 * @example
 * await copierInto(lake)?.({ bucket: 'archive', key: 'a.zip', size: 6_000_000_000, etag }, 'bronze/a.zip')
 */
export function copierInto(store: ObjectStore & { readonly [COPY_FROM]?: CopyFrom }): CopyFrom | undefined {
  return store[COPY_FROM]
}

/** The function that the store of a connection carries. */
export function foreignCopier(connection: S3Connection): CopyFrom {
  return async (from, to, { signal } = {}) => {
    const options = { ifAbsent: true, signal } as const
    const condition = conditionOf(to, options)
    // Not every server heeds the condition of a copy.
    checkCondition(to, await lookAt(connection, to, signal), options)
    const copy = { from, to, options, condition }
    const { largestCopyBytes } = connection.settings
    return from.size <= largestCopyBytes ? copyWhole(connection, copy) : copyParts(connection, copy)
  }
}

/** Copies within the bucket without moving the bytes here; in parts what is too large for one request. */
export async function copyObjectAt(
  connection: S3Connection,
  from: string,
  to: string,
  options: PutOptions,
): Promise<ObjectInfo> {
  const condition = conditionOf(to, options)
  const source = await lookAt(connection, from, options.signal)
  if (source === undefined) throw absent(connection, from)
  if (condition !== undefined) {
    // Not every server heeds the condition of a copy.
    const target = from === to ? source : await lookAt(connection, to, options.signal)
    checkCondition(to, target, options)
  }
  // S3 refuses to copy an object onto itself.
  if (from === to) return source
  const { bucket, base } = connection.settings
  const copy = { from: { ...source, bucket, key: base + from }, to, options, condition }
  return source.size <= connection.settings.largestCopyBytes ? copyWhole(connection, copy) : copyParts(connection, copy)
}

interface Copy {
  readonly from: CopySource
  readonly to: string
  readonly options: PutOptions
  readonly condition: S3Condition | undefined
}

async function copyWhole(connection: S3Connection, copy: Copy): Promise<ObjectInfo> {
  const { from, to, options, condition } = copy
  const { bucket, base } = connection.settings
  const input = { Bucket: bucket, Key: base + to, ...sourceOf(from), ...condition }
  const { CopyObjectResult: result } = await ask(connection, {
    key: to,
    signal: options.signal,
    extraMillis: serverMillis(from.size),
    send: async (client, request) => client.copyObject(input, request),
  }).catch((error: unknown) => sourceChanged(error, copy))
  return { key: to, size: from.size, etag: etagOf(result?.ETag), lastModified: microsOf(result?.LastModified) }
}

async function copyParts(connection: S3Connection, copy: Copy): Promise<ObjectInfo> {
  const { from, to, options, condition } = copy
  const { bucket, base, largestCopyBytes, concurrentParts } = connection.settings
  const { signal } = options
  const input = { Bucket: bucket, Key: base + to, ...sourceOf(from) }
  const partBytes = Math.min(largestCopyBytes, Math.max(LEAST_PART_BYTES, Math.ceil(from.size / MOST_PARTS)))
  return withUpload(connection, { key: to, options, condition, signal }, async (UploadId) => {
    const parts: CompletedPart[] = []
    let next = 0
    const work = async (): Promise<void> => {
      for (let start = next; start < from.size; start = next) {
        next += partBytes
        const PartNumber = start / partBytes + 1
        const end = Math.min(next, from.size)
        const part = { ...input, UploadId, PartNumber, CopySourceRange: `bytes=${start}-${end - 1}` }
        const { CopyPartResult: result } = await ask(connection, {
          key: to,
          signal,
          extraMillis: serverMillis(end - start) * concurrentParts,
          send: async (client, request) => client.uploadPartCopy(part, request),
        }).catch((error: unknown) => sourceChanged(error, copy))
        parts[PartNumber - 1] = { PartNumber, ETag: result?.ETag }
      }
    }
    // Waits for all of them, so that no part is on its way when the upload is given up.
    const results = await Promise.allSettled(Array.from({ length: concurrentParts }, work))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    return { parts, size: from.size }
  })
}

const LEAST_PART_BYTES = 536_870_912
const MOST_PARTS = 10_000

function sourceOf({ bucket, key, etag, requesterPays = false }: CopySource): SourceInput {
  const CopySource = `${bucket}/${key}`.split('/').map(encodeURIComponent).join('/')
  const condition = etagCondition(etag)
  return {
    CopySource,
    ...(condition === undefined ? {} : { CopySourceIfMatch: condition }),
    ...(requesterPays ? { RequestPayer: 'requester' } : {}),
  }
}

type SourceInput = Pick<CopyObjectCommandInput, 'CopySource' | 'CopySourceIfMatch' | 'RequestPayer'>

/** S3 has one word for the conditions on the source and on the target; without one on the target it is the source. */
function sourceChanged(error: unknown, { from, condition }: Copy): never {
  if (condition !== undefined || !LakeError.is(error) || error.code !== 'CONFLICT') throw error
  const message = `s3://${from.bucket}/${from.key} was replaced while it was copied. Nothing was changed; copy it again.`
  throw new LakeError('CONFLICT', message, { cause: error, details: { key: from.key, expected: from.etag } })
}
