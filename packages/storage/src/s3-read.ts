import { Readable } from 'node:stream'
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { type GetOptions, LakeError, type ObjectInfo, type StoredObject } from '@lake/core'
import { bodyChunks } from './body-chunks.ts'
import { clampRange, requestedRange } from './byte-range.ts'
import { resumedBody } from './http-body.ts'
import { describedObject, etagCondition, etagOf } from './http-object.ts'
import type { HttpAnswer } from './http-request.ts'
import { checkMatch } from './put-condition.ts'
import { withRetries } from './retry.ts'
import { ask, askOnce, placeOf, type S3Answer, type S3Connection, type S3Request } from './s3-connection.ts'

/**
 * What HEAD tells of an object; `undefined` when there is none. An answer to HEAD has no reason in it, so that where
 * the bucket or the credentials may be what is wrong, a GET asks for it.
 */
export async function lookAt(
  connection: S3Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo | undefined> {
  const { bucket, base } = connection.settings
  try {
    const output = await ask(connection, {
      key,
      signal,
      send: async (client, options) => client.headObject({ Bucket: bucket, Key: base + key }, options),
    })
    const { ContentLength: size = 0, ETag, LastModified } = output
    return { key, size, etag: etagOf(ETag), lastModified: microsOf(LastModified) }
  } catch (error) {
    if (!LakeError.is(error) || error.code === 'UNAVAILABLE') throw error
    if (error.code === 'NOT_FOUND' && connection.isProven) return undefined
    return lookByGet(connection, key, signal)
  }
}

/** Opens an object, or a range of it; a body that breaks off is resumed. */
export async function readObjectAt(connection: S3Connection, key: string, options: GetOptions): Promise<StoredObject> {
  const { range, ifMatch, signal } = options
  const requested = requestedRange(range)
  const { start, end } = requested
  const condition = etagCondition(ifMatch)
  const part = start === 0 && end === Infinity ? {} : { Range: `bytes=${start}-${end === Infinity ? '' : end - 1}` }
  const input = { ...part, ...(condition === undefined ? {} : { IfMatch: condition }) }
  const answer = start === end ? undefined : await openObject(connection, key, input, signal).catch(rangeOfNothing)
  if (answer === undefined) {
    // No bytes, or none of this object: there is nothing to read but what it is.
    const info = await lookAt(connection, key, signal)
    if (info === undefined) throw absent(connection, key)
    checkMatch(info, ifMatch)
    return { info, body: bodyChunks(new Uint8Array(0), signal) }
  }
  const url = placeOf(connection.settings, key)
  const object = describedObject(key, url, answer)
  if (object === undefined || object.start > start) {
    answer.close()
    throw new LakeError('STORE_FAILED', `${url} was answered with a part that was not asked for.`, { details: { url } })
  }
  if (ifMatch !== undefined && ifMatch !== object.info.etag) answer.close()
  checkMatch(object.info, ifMatch)
  const body = resumedBody({
    url,
    object,
    answer,
    range: clampRange(requested, object.info.size),
    policy: connection.settings,
    signal,
    ask: async ({ range: Range, 'if-range': IfMatch }) =>
      openObject(connection, key, { Range, IfMatch }, signal).catch((error: unknown) => {
        throw replaced(error, url)
      }),
  })
  return { info: object.info, body }
}

/** Epoch microseconds of a date, to the second as HTTP has it, so that listings and heads agree. */
export function microsOf(date: Date | undefined): number {
  const millis = date?.getTime() ?? 0
  return Number.isNaN(millis) ? 0 : wholeSeconds(millis * 1000)
}

/** Headers tell no parts of a second, listings do: the same object has the same time in both. */
export function wholeSeconds(micros: number): number {
  return Math.floor(micros / 1_000_000) * 1_000_000
}

export function absent({ settings }: S3Connection, key: string): LakeError {
  return new LakeError('NOT_FOUND', `There is no object ${placeOf(settings, key)}.`, { details: { key } })
}

type Part = Pick<GetObjectCommandInput, 'Range' | 'IfMatch'>

async function openObject(
  connection: S3Connection,
  key: string,
  part: Part,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const { bucket, base } = connection.settings
  const input = { Bucket: bucket, Key: base + key, ...part }
  return withRetries(connection.settings, signal, async () => {
    const send: S3Request<GetObjectCommandOutput>['send'] = async (client, options) => client.getObject(input, options)
    return httpAnswer(await askOnce(connection, { key, signal, send }))
  })
}

function httpAnswer({ output, wait, close }: S3Answer<GetObjectCommandOutput>): HttpAnswer {
  const { Body: stream, ContentLength, ContentRange, ETag, LastModified } = output
  const headers = new Headers()
  if (ContentLength !== undefined) headers.set('content-length', String(ContentLength))
  if (ContentRange !== undefined) headers.set('content-range', ContentRange)
  if (ETag !== undefined) headers.set('etag', ETag)
  if (LastModified !== undefined) headers.set('last-modified', LastModified.toUTCString())
  const closeStream = (): void => {
    close()
    if (stream instanceof Readable) stream.destroy()
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const reader = stream instanceof Readable ? stream.iterator({ destroyOnReturn: true }) : undefined
      while (reader !== undefined) {
        const next = await wait(reader.next())
        if (next.done === true) return
        const chunk: unknown = next.value
        if (chunk instanceof Uint8Array) yield chunk
      }
    } finally {
      closeStream()
    }
  }
  return { status: output.$metadata.httpStatusCode ?? 200, headers, chunks, close: closeStream }
}

async function lookByGet(
  connection: S3Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo | undefined> {
  try {
    const answer = await openObject(connection, key, {}, signal)
    answer.close()
    return describedObject(key, placeOf(connection.settings, key), answer)?.info
  } catch (error) {
    if (!LakeError.is(error) || error.details['reason'] !== 'NoSuchKey') throw error
    connection.isProven = true
    return undefined
  }
}

/** 416: the range begins behind the end of the object. */
function rangeOfNothing(error: unknown): undefined {
  if (!LakeError.is(error) || error.details['status'] !== 416) throw error
}

function replaced(error: unknown, url: string): unknown {
  if (!LakeError.is(error) || (error.code !== 'CONFLICT' && error.code !== 'NOT_FOUND')) return error
  const message = `${url} broke off, and was replaced before the rest was read. Read it again.`
  return new LakeError('UNAVAILABLE', message, { cause: error, details: { url } })
}
