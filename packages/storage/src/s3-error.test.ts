import { expect, test } from 'vitest'
import { s3Error } from './s3-error.ts'
import { s3Settings } from './s3-settings.ts'

const SETTINGS = s3Settings({ bucket: 'lake', prefix: 'p', region: 'eu-west-1' }, {})

function failure(name: string, status?: number, more: object = {}): Error {
  const metadata = status === undefined ? {} : { $metadata: { httpStatusCode: status } }
  return Object.assign(new Error('what the server said'), { name, ...metadata, ...more })
}

test.each([
  [failure('NoSuchBucket', 404), 'NOT_FOUND', /no such bucket/],
  [failure('NoSuchKey', 404), 'NOT_FOUND', /s3:\/\/lake\/p\/k at AWS: there is no such object/],
  [failure('AccessDenied', 403), 'NO_PERMISSION', /s3:ListBucket/],
  [failure('Unknown', 401), 'NO_PERMISSION', /refused/],
  [failure('ExpiredToken', 400), 'NO_PERMISSION', /expired/],
  [failure('AuthorizationHeaderMalformed', 400), 'NO_PERMISSION', /not accepted/],
  [failure('CredentialsProviderError'), 'NO_PERMISSION', /anonymous/],
  [failure('PermanentRedirect', 301, redirect('us-west-2')), 'BAD_REQUEST', /us-west-2, not eu-west-1/],
  [failure('AuthorizationHeaderMalformed', 400, { Region: 'us-west-2' }), 'BAD_REQUEST', /AWS_REGION to us-west-2/],
  [new Error('Region is missing'), 'BAD_REQUEST', /Set AWS_REGION/],
  [failure('PreconditionFailed', 412), 'CONFLICT', /changed by somebody else/],
  [failure('Unknown', 412), 'CONFLICT', /changed by somebody else/],
  [failure('ConditionalRequestConflict', 409), 'CONFLICT', /changed by somebody else/],
  [failure('Unknown', 404), 'NOT_FOUND', /no such object/],
  [failure('Unknown', 405), 'UNSUPPORTED', /cannot do/],
  [failure('Unknown', 507), 'NO_SPACE', /full/],
  [failure('QuotaExceeded', 403), 'NO_SPACE', /quota/],
  [failure('SlowDown', 503), 'UNAVAILABLE', /fewer requests/],
  [failure('Unknown', 429), 'UNAVAILABLE', /fewer requests/],
  [failure('InternalError', 500), 'UNAVAILABLE', /status 500/],
  [failure('RequestTimeTooSkewed', 403), 'UNAVAILABLE', /clock/],
  [failure('Error', undefined, { code: 'ENOTFOUND' }), 'UNAVAILABLE', /ENOTFOUND/],
  [failure('Error', 404, { code: 'ECONNRESET' }), 'UNAVAILABLE', /ECONNRESET/],
  [failure('Error', 403, { code: 'ECONNRESET' }), 'UNAVAILABLE', /ECONNRESET/],
  [new Error('Proxy connection ended before receiving CONNECT response'), 'UNAVAILABLE', /HTTPS_PROXY/],
  [failure('InvalidArgument', 400), 'STORE_FAILED', /InvalidArgument: what the server said/],
  ['a word', 'STORE_FAILED', /Error/],
])('%s is %s', (error, code, message) => {
  const told = s3Error(error, SETTINGS, 'k')
  expect([told.code, told.message]).toEqual([code, expect.stringMatching(message)])
  expect(told.details).toMatchObject({ bucket: 'lake', key: 'k', server: 'AWS' })
})

test('a redirect is told without a region of our own', () => {
  const settings = { ...SETTINGS, region: undefined, endpoint: 'https://s3.example.com' }
  const told = s3Error(failure('PermanentRedirect', 301, redirect('us-west-2')), settings, undefined)
  expect(told.message).toMatch(/s3:\/\/lake at https:\/\/s3.example.com: .* not the one of the profile/)
})

test('the time that the server names is kept', () => {
  const told = (after: string): unknown =>
    s3Error(failure('SlowDown', 503, { $response: { headers: { 'retry-after': after } } }), SETTINGS, 'k').details[
      'retryAfterMillis'
    ]
  expect(told('2')).toBe(2000)
  expect(told('tomorrow')).toBeUndefined()
})

test('the cause does not have what the request was signed with', () => {
  const error = failure('SignatureDoesNotMatch', 403, { CanonicalRequest: 'x-amz-security-token:token', $response: {} })
  const { cause } = s3Error(error, SETTINGS, 'k')
  expect(Object.getOwnPropertyNames(cause).sort()).toEqual(['message', 'name', 'stack'])
  expect(cause).toMatchObject({ name: 'SignatureDoesNotMatch', message: 'what the server said' })
})

function redirect(region: string): object {
  return { $response: { headers: { 'x-amz-bucket-region': region } } }
}
