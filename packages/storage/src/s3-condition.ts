import { LakeError, type PutOptions } from '@lake/core'
import { etagCondition, etagOf } from './http-object.ts'
import { checkCondition } from './put-condition.ts'
import { ask, type S3Connection } from './s3-connection.ts'

/** The condition of a put as the request carries it. */
export interface S3Condition {
  readonly IfNoneMatch?: '*'
  readonly IfMatch?: string
}

/** @throws {@link LakeError} `CONFLICT` when `ifMatch` is nothing that an object of S3 can have. */
export function conditionOf(key: string, { ifAbsent, ifMatch }: PutOptions): S3Condition | undefined {
  if (ifAbsent === true) return { IfNoneMatch: '*' }
  if (ifMatch === undefined) return undefined
  const condition = etagCondition(ifMatch)
  if (condition !== undefined) return { IfMatch: condition }
  const message = `No object has the etag ${JSON.stringify(ifMatch)}. Nothing was changed; read '${key}' again and decide.`
  throw new LakeError('CONFLICT', message, { details: { key, expected: ifMatch } })
}

/**
 * Says of a change under a condition what came of it. A server answers "there is something else" also when an earlier
 * try had come through and only its answer was lost, so that the object is then asked whose it is.
 *
 * @param sent how often the change was sent; read after the failure
 */
export async function settleChange(
  connection: S3Connection,
  error: unknown,
  change: { readonly key: string; readonly id: string; readonly sent: number; readonly options: PutOptions },
): Promise<string> {
  const { key, id, sent, options } = change
  const reason = LakeError.is(error) ? error.details['reason'] : undefined
  const isLost = LakeError.is(error) && (error.code === 'CONFLICT' || reason === 'NoSuchUpload')
  if (isLost && sent > 1) {
    const { bucket, base } = connection.settings
    const head = await ask(connection, {
      key,
      signal: options.signal,
      send: async (client, request) => client.headObject({ Bucket: bucket, Key: base + key }, request),
    }).catch(() => undefined)
    if (head?.Metadata?.[PUT_ID] === id) return etagOf(head.ETag)
  }
  // To If-Match on what is not there, S3 says just that.
  if (reason === 'NoSuchKey') checkCondition(key, undefined, options)
  throw error
}

/** The name of the metadata by which a put knows its own object again. */
export const PUT_ID = 'lake-put'
