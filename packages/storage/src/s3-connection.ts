import type { S3 } from '@aws-sdk/client-s3'
import { LakeError } from '@lake/core'
import { withRetries } from './retry.ts'
import { openClient } from './s3-client.ts'
import { s3Error } from './s3-error.ts'
import type { S3Settings } from './s3-settings.ts'
import { stallGuard } from './stall-guard.ts'

/** A bucket to send requests to. The client is loaded for the first of them. */
export interface S3Connection {
  readonly settings: S3Settings
  readonly client: () => Promise<S3>
  /** True once an answer has shown that the bucket is there and takes the credentials. */
  isProven: boolean
}

export interface S3Request<Output> {
  /** The key of the store that it is about, if it is about one. */
  readonly key?: string | undefined
  readonly signal: AbortSignal | undefined
  /** How much longer than usual the answer may take. */
  readonly extraMillis?: number | undefined
  readonly send: (client: S3, options: { readonly abortSignal: AbortSignal }) => Promise<Output>
}

/** An answer whose body may still be on its way. */
export interface S3Answer<Output> {
  readonly output: Output
  /** Waits for a step of the body; throws as {@link askOnce} does. */
  readonly wait: <T>(step: Promise<T>) => Promise<T>
  readonly close: () => void
}

export function s3Connection(settings: S3Settings): S3Connection {
  let client: Promise<S3> | undefined
  return { settings, client: async () => (client ??= openClient(settings)), isProven: false }
}

/** What a request gives, after as many tries as the settings allow. */
export async function ask<Output>(connection: S3Connection, request: S3Request<Output>): Promise<Output> {
  return withRetries(connection.settings, request.signal, async () => {
    const { output, close } = await askOnce(connection, request)
    close()
    return output
  })
}

/**
 * One request, without retry.
 *
 * @throws {@link LakeError} as `s3Error` says; `UNAVAILABLE` when the answer takes too long. Aborts throw their reason.
 */
export async function askOnce<Output>(
  connection: S3Connection,
  { key, signal, extraMillis = 0, send }: S3Request<Output>,
): Promise<S3Answer<Output>> {
  const { settings } = connection
  signal?.throwIfAborted()
  const client = await connection.client()
  const guard = stallGuard(placeOf(settings, key), settings.timeoutMillis + extraMillis, signal)
  const wait = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await guard.wait(step)
    } catch (error) {
      guard.close()
      signal?.throwIfAborted()
      throw LakeError.is(error) ? error : s3Error(error, settings, key)
    }
  }
  const output = await wait(send(client, { abortSignal: guard.signal }))
  connection.isProven = true
  return { output, wait, close: guard.close }
}

/** How a message names the bucket or an object in it. */
export function placeOf({ bucket, base }: S3Settings, key: string | undefined): string {
  return `s3://${bucket}/${base}${key ?? ''}`.replace(/\/$/, '')
}
