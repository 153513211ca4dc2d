import { randomUUID } from 'node:crypto'
import type { CompletedPart } from '@aws-sdk/client-s3'
import type { ObjectInfo, PutOptions } from '@lake/core'
import { etagOf } from './http-object.ts'
import type { BodyPart } from './s3-body-parts.ts'
import { PUT_ID, type S3Condition, settleChange } from './s3-condition.ts'
import { ask, askOnce, type S3Connection } from './s3-connection.ts'
import { sendMillis, serverMillis } from './s3-patience.ts'

export interface PartsToPut {
  readonly key: string
  readonly first: Uint8Array
  readonly parts: AsyncIterable<BodyPart>
  readonly condition: S3Condition | undefined
  readonly options: PutOptions
  /** Ends the reading of the body and all parts on their way, by whichever of them fails first. */
  readonly controller: AbortController
}

/** Puts an object in parts, several at once; they become the object together, or nothing does. */
export async function putParts(connection: S3Connection, put: PartsToPut): Promise<ObjectInfo> {
  const { key, condition, options, controller } = put
  return withUpload(connection, { key, options, condition, signal: controller.signal }, async (uploadId) => {
    const sent = await sendParts(connection, put, uploadId)
    controller.signal.throwIfAborted()
    return sent
  })
}

export interface Upload {
  readonly key: string
  readonly options: PutOptions
  readonly condition: S3Condition | undefined
  readonly signal: AbortSignal | undefined
}

/** What an upload is made of, once all of it is on the server. */
export interface SentParts {
  readonly parts: readonly CompletedPart[]
  readonly size: number
}

/** Begins an upload, lets `fill` give it its parts, and makes them the object; or gives it up, so that nothing is left of it. */
export async function withUpload(
  connection: S3Connection,
  { key, options, condition, signal }: Upload,
  fill: (uploadId: string) => Promise<SentParts>,
): Promise<ObjectInfo> {
  const { bucket, base } = connection.settings
  const place = { Bucket: bucket, Key: base + key }
  const id = randomUUID()
  const { UploadId } = await ask(connection, {
    key,
    signal,
    send: async (client, request) => client.createMultipartUpload({ ...place, Metadata: { [PUT_ID]: id } }, request),
  })
  try {
    const { parts, size } = await fill(UploadId ?? '')
    const complete = { ...place, UploadId, MultipartUpload: { Parts: [...parts] }, ...condition }
    let sent = 0
    const etag = await ask(connection, {
      key,
      signal,
      extraMillis: serverMillis(size),
      send: async (client, request) => {
        sent++
        return client.completeMultipartUpload(complete, request)
      },
    }).then(
      ({ ETag }) => etagOf(ETag),
      async (error: unknown) => settleChange(connection, error, { key, id, sent, options }),
    )
    return { key, size, etag, lastModified: 0 }
  } catch (error) {
    // Not under the caller's signal, which may be what ended the upload. What this cannot remove, a rule of the bucket does.
    const abandoned = askOnce(connection, {
      key,
      signal: AbortSignal.timeout(ABANDON_MILLIS),
      send: async (client, request) => client.abortMultipartUpload({ ...place, UploadId }, request),
    })
    for (const result of await Promise.allSettled([abandoned])) {
      if (result.status === 'fulfilled') result.value.close()
    }
    throw error
  }
}

const ABANDON_MILLIS = 10_000

async function sendParts(
  connection: S3Connection,
  { key, first, parts, controller }: PartsToPut,
  uploadId: string,
): Promise<SentParts> {
  const { bucket, base, concurrentParts } = connection.settings
  const { signal } = controller
  const sending = new Set<Promise<void>>()
  const completed: CompletedPart[] = []
  let count = 0
  let size = 0

  async function sendPart(PartNumber: number, bytes: Uint8Array): Promise<void> {
    const input = { Bucket: bucket, Key: base + key, UploadId: uploadId, PartNumber, Body: bytes }
    try {
      const { ETag } = await ask(connection, {
        key,
        signal,
        // Parts share the line.
        extraMillis: sendMillis(bytes.length) * concurrentParts,
        send: async (client, request) => client.uploadPart(input, request),
      })
      completed[PartNumber - 1] = { PartNumber, ETag }
    } catch (error) {
      controller.abort(error)
    }
  }

  try {
    for await (const bytes of inOrder(first, parts)) {
      const job = sendPart(++count, bytes).finally(() => sending.delete(job))
      sending.add(job)
      size += bytes.length
      if (sending.size >= concurrentParts) await Promise.race(sending)
      signal.throwIfAborted()
    }
  } catch (error) {
    controller.abort(error)
    throw error
  } finally {
    // No part may be on its way when the upload is given up: it would come back.
    await Promise.all(sending)
  }
  return { parts: completed, size }
}

async function* inOrder(
  first: Uint8Array,
  parts: AsyncIterable<BodyPart>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first
  for await (const { bytes } of parts) yield bytes
}
