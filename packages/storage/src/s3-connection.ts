import type { S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { LakeError } from '@lake/core'
import { withRetries } from './retry.ts'
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
  return { settings, client: async () => (client ??= createClient(settings)), isProven: false }
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

async function createClient(settings: S3Settings): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3')
  const { endpoint, region, credentials, forcePathStyle, anonymous } = settings
  const config: S3ClientConfig = {
    forcePathStyle,
    // Retries are ours: they end at an abort, and keep no budget that many requests at once use up.
    maxAttempts: 1,
    requestHandler: { httpAgent: AGENT, httpsAgent: AGENT },
    // A damaged transfer shows by its length and by the lake's own sha256; not every server of S3 knows the SDK's checksums.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(anonymous ? { credentials: NOBODY, signer: { sign: async (request) => Promise.resolve(request) } } : {}),
    ...(credentials === undefined ? {} : { credentials: withoutUndefined(credentials) }),
  }
  return quietly(() => new sdk.S3(config))
}

const AGENT = { keepAlive: true, maxSockets: 256 }
const NOBODY = { accessKeyId: '', secretAccessKey: '' }

type Identity = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

function withoutUndefined(
  credentials: NonNullable<S3Settings['credentials']>,
): Identity | (() => Promise<Identity>) {
  if (typeof credentials === 'function') {
    return async () => {
      const { sessionToken, ...rest } = await credentials()
      return sessionToken === undefined ? rest : { ...rest, sessionToken }
    }
  }
  const { sessionToken, ...rest } = credentials
  return sessionToken === undefined ? rest : { ...rest, sessionToken }
}

/** Makes the client without its notice that later versions need a later Node: the version is pinned to one that does not. */
function quietly(create: () => S3): S3 {
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'
  const before = process.env[name]
  process.env[name] = 'true'
  try {
    return create()
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = before
  }
}
