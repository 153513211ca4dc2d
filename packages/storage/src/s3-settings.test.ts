import { expect, test } from 'vitest'
import { memoryStore } from './memory-store.ts'
import { s3Location } from './s3-location.ts'
import { s3Settings } from './s3-settings.ts'
import { s3Store } from './s3-store.ts'

const CREDENTIALS = { accessKeyId: 'id', secretAccessKey: 'top-secret' }

test('a profile excludes other credentials, and leaves the region to itself', () => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  for (const more of [{ credentials }, { anonymous: true }]) {
    expect(() => s3Settings({ bucket: 'lake', profile: 'p', ...more }, {})).toThrow(/profile excludes/)
  }
  const settings = s3Settings({ bucket: 'lake', profile: 'p', endpoint: 'http://s3.test' }, {})
  expect(settings).toMatchObject({ profile: 'p', region: undefined })
})

test.each([
  ['nothing', {}, {}, { endpoint: undefined, region: undefined, forcePathStyle: false }],
  ['a region', {}, { AWS_REGION: 'eu-west-1' }, { endpoint: undefined, region: 'eu-west-1', forcePathStyle: false }],
  [
    'an endpoint',
    {},
    { AWS_ENDPOINT_URL: 'https://s3.example.com' },
    { endpoint: 'https://s3.example.com', region: 'us-east-1', forcePathStyle: false },
  ],
  [
    'an endpoint of S3 and a profile',
    {},
    { AWS_ENDPOINT_URL: 'https://other', AWS_ENDPOINT_URL_S3: 'https://s3.example.com', AWS_PROFILE: 'me' },
    { endpoint: 'https://s3.example.com', region: undefined, forcePathStyle: false },
  ],
  [
    'path style',
    {},
    { AWS_ENDPOINT_URL: 'https://s3.example.com', AWS_S3_FORCE_PATH_STYLE: 'true' },
    { forcePathStyle: true },
  ],
  ['an address', {}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' }, { forcePathStyle: true }],
  ['a long address', {}, { AWS_ENDPOINT_URL: 'http://[::1]:9000' }, { forcePathStyle: true }],
  ['this machine', {}, { AWS_ENDPOINT_URL: 'http://localhost:9000' }, { forcePathStyle: true }],
  [
    'what the options say otherwise',
    { endpoint: 'http://localhost:1', region: 'r', forcePathStyle: false },
    { AWS_ENDPOINT_URL: 'https://other', AWS_REGION: 'x', AWS_S3_FORCE_PATH_STYLE: 'true' },
    { endpoint: 'http://localhost:1', region: 'r', forcePathStyle: false },
  ],
])('settings follow from %s', (_, options, environment, expected) => {
  expect(s3Settings({ bucket: 'lake', ...options }, environment)).toMatchObject(expected)
})

test.each([
  [{ bucket: 'a/b' }],
  [{ bucket: 'ab' }],
  [{ bucket: '-lake' }],
  [{ bucket: 'lake', prefix: '/a' }],
  [{ bucket: 'lake', prefix: 'a/../b' }],
  [{ bucket: 'lake', endpoint: 'example.com' }],
  [{ bucket: 'lake', endpoint: 'ftp://example.com' }],
  [{ bucket: 'lake', endpoint: 'https://id:top-secret@example.com' }],
  [{ bucket: 'lake', anonymous: true, credentials: CREDENTIALS }],
  [{ bucket: 'lake', anonymous: true, requesterPays: true }],
  [{ bucket: 'lake', partBytes: 1 }],
  [{ bucket: 'lake', concurrentParts: 0.5 }],
])('s3Store(%j) is refused', (options) => {
  expect(() => s3Store(options)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', message: without('secret') }))
})

test('s3Location tells where a store is, without its secrets', () => {
  const store = s3Store({ bucket: 'lake', prefix: 'a/b/', region: 'eu-west-1', credentials: CREDENTIALS })
  expect(s3Location(store)).toEqual({
    bucket: 'lake',
    prefix: 'a/b/',
    endpoint: undefined,
    region: 'eu-west-1',
    forcePathStyle: false,
    requesterPays: false,
    largestCopyBytes: 5 * 1024 ** 3,
    signedBy: 'given',
  })
  expect(JSON.stringify(store) + JSON.stringify(s3Location(store))).not.toContain('secret')
  expect(s3Location({ ...store })).toEqual(s3Location(store))
  expect(s3Location(s3Store({ bucket: 'lake' }))?.signedBy).toBe('environment')
  expect(s3Location(s3Store({ bucket: 'lake', anonymous: true }))?.signedBy).toBe('nobody')
  expect(s3Location(memoryStore())).toBeUndefined()
})

function without(text: string): unknown {
  return expect.not.stringContaining(text)
}
