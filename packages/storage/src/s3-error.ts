import { LakeError, type LakeErrorCode } from '@lake/core'
import { systemCodeOf } from './file-error.ts'
import { isTemporary } from './http-status.ts'
import type { S3Settings } from './s3-settings.ts'

/**
 * What the failure of an S3 request means. `details` has `reason`, the server's own word, and `status`. The cause is
 * rebuilt from name and message: the client's error carries the signed request.
 */
export function s3Error(error: unknown, settings: S3Settings, key: string | undefined): LakeError {
  const name = textIn(error, 'name') ?? 'Error'
  const text = textIn(error, 'message') ?? ''
  const status = numberIn(member(error, '$metadata'), 'httpStatusCode')
  const { bucket, base, endpoint } = settings
  const place = `s3://${bucket}${key === undefined ? '' : `/${base}${key}`}`
  const server = endpoint ?? 'AWS'
  const region = regionIn(error)
  const [code, meaning] = meaningOf({ name, text, status, region, settings, systemCode: systemCodeOf(error) })
  const retryAfterMillis = status !== undefined && isTemporary(status) ? retryAfter(error) : undefined
  return new LakeError(code, `${place} at ${server}: ${meaning}`, {
    cause: Object.assign(new Error(text), { name }),
    details: {
      bucket,
      ...(key === undefined ? {} : { key }),
      server,
      reason: name,
      ...(status === undefined ? {} : { status }),
      ...(region === undefined ? {} : { region }),
      ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
    },
  })
}

interface Failure {
  readonly name: string
  readonly text: string
  readonly status: number | undefined
  /** The region that the server says the bucket is in. */
  readonly region: string | undefined
  readonly settings: S3Settings
  readonly systemCode: string | undefined
}

function meaningOf(failure: Failure): readonly [LakeErrorCode, string] {
  const { name, text, status, region, settings, systemCode } = failure
  const known = MEANINGS.get(name)
  if (region !== undefined && (status === 301 || status === 307 || status === 400)) {
    const found = settings.region ?? 'the one of the profile'
    return ['BAD_REQUEST', `the bucket is in region ${region}, not ${found}. Set region or AWS_REGION to ${region}.`]
  }
  if (known !== undefined) return known
  // Also with a status: an answer that broke off before it said its reason may be about the bucket as well as the object.
  if (systemCode !== undefined) {
    const advice = 'Check the endpoint and the network, or try again later.'
    return ['UNAVAILABLE', `the connection failed: ${systemCode}. ${advice}`]
  }
  if (/requester.?pays/i.test(text)) {
    return ['NO_PERMISSION', 'whoever reads this bucket pays for it. Set requesterPays to agree to that.']
  }
  if (name === 'AccessDenied' || status === 401 || status === 403) {
    return settings.anonymous
      ? ['NO_PERMISSION', 'access is refused to requests without a signature. Give credentials.']
      : ['NO_PERMISSION', `access is refused to these credentials. ${GRANTS}`]
  }
  if (/region is missing/i.test(text)) {
    return ['BAD_REQUEST', 'no region is known. Set AWS_REGION or the option region.']
  }
  if (/^proxy connection ended/i.test(text)) {
    return ['UNAVAILABLE', 'the proxy made no connection to it. See to HTTPS_PROXY and NO_PROXY, or try again later.']
  }
  return (status === undefined ? undefined : statusMeaning(status)) ?? ['STORE_FAILED', `${name}: ${text}`]
}

const GRANTS =
  'They need s3:ListBucket on the bucket, s3:GetObject to read, and s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload to write.'
const REFUSED_CREDENTIALS =
  'the credentials are not accepted. Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE.'
const EXPIRED_CREDENTIALS = 'the credentials have expired. Get new ones.'
const NO_CREDENTIALS =
  'no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; a public bucket is opened with anonymous.'
const BUSY = 'the server asks for fewer requests. Try again later, with less at once.'
const DAMAGED = 'what was sent did not arrive as it was sent. Try again.'
const REPLACED = 'the object was changed by somebody else. Look again and decide.'
const NESTED = 'this server keeps objects as files: an object and keys below it cannot both exist.'

const MEANINGS: ReadonlyMap<string, readonly [LakeErrorCode, string]> = new Map([
  ['NoSuchBucket', ['NOT_FOUND', 'there is no such bucket. Make it, or check its name, the endpoint and the region.']],
  ['NoSuchKey', ['NOT_FOUND', 'there is no such object.']],
  ['InvalidAccessKeyId', ['NO_PERMISSION', REFUSED_CREDENTIALS]],
  ['SignatureDoesNotMatch', ['NO_PERMISSION', REFUSED_CREDENTIALS]],
  ['AuthorizationHeaderMalformed', ['NO_PERMISSION', REFUSED_CREDENTIALS]],
  ['InvalidToken', ['NO_PERMISSION', REFUSED_CREDENTIALS]],
  ['XAdminUserNotFound', ['NO_PERMISSION', REFUSED_CREDENTIALS]],
  ['ExpiredToken', ['NO_PERMISSION', EXPIRED_CREDENTIALS]],
  ['TokenRefreshRequired', ['NO_PERMISSION', EXPIRED_CREDENTIALS]],
  ['CredentialsProviderError', ['NO_PERMISSION', NO_CREDENTIALS]],
  ['TokenProviderError', ['NO_PERMISSION', EXPIRED_CREDENTIALS]],
  ['PreconditionFailed', ['CONFLICT', REPLACED]],
  ['ConditionalRequestConflict', ['CONFLICT', REPLACED]],
  ['ObjectParentIsFile', ['BAD_REQUEST', NESTED]],
  ['ExistingObjectIsDirectory', ['BAD_REQUEST', NESTED]],
  ['QuotaExceeded', ['NO_SPACE', 'the quota is used up. Nothing was stored.']],
  ['XMinioStorageFull', ['NO_SPACE', 'the server is full. Nothing was stored.']],
  ['NotImplemented', ['UNSUPPORTED', 'the server cannot do what was asked of it.']],
  ['MethodNotAllowed', ['UNSUPPORTED', 'the server does not allow what was asked of it.']],
  ['SlowDown', ['UNAVAILABLE', BUSY]],
  ['RequestLimitExceeded', ['UNAVAILABLE', BUSY]],
  ['OperationAborted', ['UNAVAILABLE', 'another change is under way. Try again.']],
  ['RequestTimeout', ['UNAVAILABLE', 'the server waited too long for what was sent. Try again.']],
  ['TimeoutError', ['UNAVAILABLE', 'the connection broke off. Check the network, or try again later.']],
  // The client corrects its clock by the answer.
  ['RequestTimeTooSkewed', ['UNAVAILABLE', 'the clock of this machine is wrong. Set it.']],
  ['BadDigest', ['UNAVAILABLE', DAMAGED]],
  ['IncompleteBody', ['UNAVAILABLE', DAMAGED]],
  ['XAmzContentSHA256Mismatch', ['UNAVAILABLE', DAMAGED]],
])

function statusMeaning(status: number): readonly [LakeErrorCode, string] | undefined {
  if (status === 404) return ['NOT_FOUND', 'there is no such object.']
  if (status === 412) return ['CONFLICT', REPLACED]
  if (status === 507) return ['NO_SPACE', 'the server is full. Nothing was stored.']
  if (status === 405 || status === 501) return ['UNSUPPORTED', 'the server cannot do what was asked of it.']
  if (status === 429) return ['UNAVAILABLE', BUSY]
  return isTemporary(status) ? ['UNAVAILABLE', `the server fails for now, with status ${status}.`] : undefined
}

function regionIn(error: unknown): string | undefined {
  return textIn(headersOf(error), 'x-amz-bucket-region') ?? textIn(error, 'Region')
}

function retryAfter(error: unknown): number | undefined {
  const text = textIn(headersOf(error), 'retry-after')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1000 : undefined
}

function headersOf(error: unknown): unknown {
  return member(member(error, '$response'), 'headers')
}

function textIn(value: unknown, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' && found !== '' ? found : undefined
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = member(value, name)
  return typeof found === 'number' ? found : undefined
}

function member(value: unknown, name: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return found
}
