import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { s5cmdFailure, unreportedFailure } from './s5cmd-failure.ts'
import { parseS5cmdLine } from './s5cmd-output.ts'

const COPY = { operation: 'cp', success: true }

describe('parseS5cmdLine', () => {
  test.each([
    [
      String.raw`{"operation":"cp","success":true,"source":"s3://a/a\u0026b","destination":"s3://b/a\u0026b","object":{"key":"s3://b/x","type":"file"}}`,
      { kind: 'copied', to: 's3://b/a&b' },
    ],
    [
      '{"operation":"cp","command":"cp s3://a/k s3://b/k","error":"NoSuchKey: gone"}',
      { kind: 'failed', command: 'cp s3://a/k s3://b/k', error: 'NoSuchKey: gone' },
    ],
    [
      '{"operation":"cp","job":"cp s3://a/k s3://b/k","error":"object already exists"}',
      { kind: 'failed', command: 'cp s3://a/k s3://b/k', error: 'object already exists' },
    ],
    ['{"error":"what"}', { kind: 'failed', command: '', error: 'what' }],
    ['{"operation":"cp","success":3,"error":1}', { kind: 'other' }],
    ['ERROR "run": "bogus" command (line: 0) not found', { kind: 'other' }],
    ['{"half', { kind: 'other' }],
    ['{"operation":"cp","success":true,"source":"s3://a/k","destination":"s3://b/k', { kind: 'other' }],
    ['{"operation":"cp","success":true,"source":"s3://a/k","destination":3}', { kind: 'other' }],
    ['', { kind: 'other' }],
  ])('reads %s', (line, expected) => {
    expect(parseS5cmdLine(line)).toMatchObject(expected)
  })

  test.each([
    ['as s5cmd writes it', ['operation', 'success', 'source', 'destination', 'object']],
    ['in another order', ['object', 'destination', 'operation', 'source', 'success']],
  ])('reads any object that was copied, %s', (_, order) => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a","destination":"b', '}', '"', '\\', '\\"'))
    fc.assert(
      fc.property(text, text, (source, destination) => {
        const message: Record<string, unknown> = { ...COPY, source, destination, object: { key: destination } }
        const line = JSON.stringify(Object.fromEntries(order.map((name) => [name, message[name]])))
        expect(parseS5cmdLine(line)).toEqual({ kind: 'copied', to: destination })
      }),
    )
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(['copied', 'failed', 'other']).toContain(parseS5cmdLine(line).kind)
      }),
    )
  })
})

describe('s5cmdFailure', () => {
  test.each([
    ['NoSuchKey: The specified key does not exist. status code: 404, request id: X, host id: Y', 'NOT_FOUND'],
    ['NoSuchBucket: The specified bucket does not exist. status code: 404', 'NOT_FOUND'],
    ['Forbidden: Forbidden status code: 403, request id: ', 'NO_PERMISSION'],
    ['SignatureDoesNotMatch: The request signature we calculated does not match', 'NO_PERMISSION'],
    ['NoCredentialProviders: no valid providers in chain.', 'NO_PERMISSION'],
    ['SlowDown: Reduce your request rate. status code: 503', 'UNAVAILABLE'],
    ['InternalError: We encountered an internal error. status code: 500', 'UNAVAILABLE'],
    ['RequestError: send request failed caused by: Put "http://127.0.0.1:9/b/k": connection refused', 'UNAVAILABLE'],
    ['read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer', 'UNAVAILABLE'],
    ['unexpected EOF', 'UNAVAILABLE'],
    ['write /tmp/x: no space left on device', 'NO_SPACE'],
    ['InvalidRequest: The specified copy source is larger than the maximum allowable size', 'UNSUPPORTED'],
    ['BucketRegionError: incorrect region, the bucket is not in us-east-1 region. status code: 301', 'BAD_REQUEST'],
    ['PreconditionFailed: At least one of the pre-conditions did not hold status code: 412', 'CONFLICT'],
    ['something nobody has seen', 'STORE_FAILED'],
  ])('%s is %s', (text, code) => {
    const error = s5cmdFailure('s3://a/k', text)
    expect(error.code).toBe(code)
    expect(error.message).toContain('s3://a/k')
    expect(error.message).not.toContain('request id')
  })

  test('silence may be over the next time', () => {
    expect(unreportedFailure('s3://a/k', 'it ended with exit code 0')).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: 's5cmd gave no result for s3://a/k: it ended with exit code 0.',
    })
  })
})
