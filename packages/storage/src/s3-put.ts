import { randomUUID } from 'node:crypto'
import type { ObjectInfo, PutOptions } from '@lake/core'
import { etagOf } from './http-object.ts'
import { checkCondition } from './put-condition.ts'
import { bodyParts } from './s3-body-parts.ts'
import { ask, type S3Connection } from './s3-connection.ts'
import { lookAt } from './s3-read.ts'
import { sendMillis } from './s3-patience.ts'
import { conditionOf, PUT_ID, type S3Condition, settleChange } from './s3-condition.ts'
import { putParts } from './s3-upload.ts'

/** Puts an object: in one request when the body fits into a part, in parts that become visible at once otherwise. */
export async function putObjectAt(
  connection: S3Connection,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<ObjectInfo> {
  const { partBytes } = connection.settings
  const condition = conditionOf(key, options)
  if (!(Symbol.asyncIterator in body) && body.length <= partBytes) {
    return putWhole(connection, key, body, condition, options)
  }
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(options.signal?.reason)
  }
  if (options.signal?.aborted === true) abort()
  options.signal?.addEventListener('abort', abort)
  try {
    const parts = bodyParts(body, partBytes, controller.signal)
    try {
      const first = await parts.next()
      if (first.done === true) return await putWhole(connection, key, new Uint8Array(0), condition, options)
      if (first.value.isLast) return await putWhole(connection, key, first.value.bytes, condition, options)
      // Told before all of it is sent; decided by the server in the end.
      if (condition !== undefined) checkCondition(key, await lookAt(connection, key, options.signal), options)
      return await putParts(connection, { key, first: first.value.bytes, parts, condition, options, controller })
    } finally {
      await parts.return()
    }
  } finally {
    options.signal?.removeEventListener('abort', abort)
  }
}

async function putWhole(
  connection: S3Connection,
  key: string,
  bytes: Uint8Array,
  condition: S3Condition | undefined,
  options: PutOptions,
): Promise<ObjectInfo> {
  const { bucket, base } = connection.settings
  const id = randomUUID()
  const mark = condition === undefined ? {} : { Metadata: { [PUT_ID]: id } }
  let sent = 0
  const etag = await ask(connection, {
    key,
    signal: options.signal,
    extraMillis: sendMillis(bytes.length),
    send: async (client, request) => {
      sent++
      return client.putObject({ Bucket: bucket, Key: base + key, Body: bytes, ...mark, ...condition }, request)
    },
  }).then(
    ({ ETag }) => etagOf(ETag),
    async (error: unknown) => settleChange(connection, error, { key, id, sent, options }),
  )
  return { key, size: bytes.length, etag, lastModified: 0 }
}
