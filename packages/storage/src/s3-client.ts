import type { S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { proxyAgents } from './proxy.ts'
import type { S3Settings } from './s3-settings.ts'

/** Loads the AWS client, which takes a while, and sets it up. */
export async function openClient(settings: S3Settings): Promise<S3> {
  const { endpoint, region, credentials, profile, forcePathStyle, anonymous, requesterPays } = settings
  const proxy = await proxyAgents(addressOf(settings), AGENT)
  const client = await createClient({
    forcePathStyle,
    // Retries are ours: they end at an abort, and keep no budget that many requests at once use up.
    maxAttempts: 1,
    requestHandler: proxy ?? { httpAgent: AGENT, httpsAgent: AGENT },
    // With that header Node writes a request down before the agent can address it to the proxy.
    ...(proxy === undefined ? {} : { expectContinueHeader: false }),
    // A damaged transfer shows by its length and by the lake's own sha256; not every server of S3 knows the SDK's checksums.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(anonymous ? { credentials: NOBODY, signer: { sign: async (request) => Promise.resolve(request) } } : {}),
    ...(credentials === undefined ? {} : { credentials: withoutUndefined(credentials) }),
  })
  if (requesterPays) agreeToPay(client)
  return client
}

/** With every request: those that cost nothing pass it over. */
function agreeToPay(client: S3): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args
      if (hasHeaders(request)) request.headers['x-amz-request-payer'] = 'requester'
      return next(args)
    },
    { step: 'build' },
  )
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request
}

/**
 * The client without its notice that later versions need a later Node, which every command would print: the version is pinned
 * to one that does not.
 */
export async function createClient(config: S3ClientConfig): Promise<S3> {
  const { S3 } = await import('@aws-sdk/client-s3')
  const name = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'
  const before = process.env[name]
  process.env[name] = 'true'
  try {
    return new S3(config)
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = before
  }
}

/** Where the requests go, as far as it is known before the first of them. */
function addressOf({ endpoint, bucket, region, forcePathStyle }: S3Settings): string {
  const url = new URL(endpoint ?? `https://s3.${region ?? 'us-east-1'}.amazonaws.com`)
  return forcePathStyle ? url.origin : `${url.protocol}//${bucket}.${url.host}`
}

const AGENT = { keepAlive: true, maxSockets: 256 }
const NOBODY = { accessKeyId: '', secretAccessKey: '' }

type Identity = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

function withoutUndefined(credentials: NonNullable<S3Settings['credentials']>): Identity | (() => Promise<Identity>) {
  if (typeof credentials === 'function') {
    return async () => {
      const { sessionToken, ...rest } = await credentials()
      return sessionToken === undefined ? rest : { ...rest, sessionToken }
    }
  }
  const { sessionToken, ...rest } = credentials
  return sessionToken === undefined ? rest : { ...rest, sessionToken }
}
