import { LakeError } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseMode, type ChooseModeOptions, type TransferMode } from './choose-mode.ts'
import { awsPartition, type S3End, serverOf, type TransferEnd } from './transfer-end.ts'

const GIB = 1024 ** 3
const REGIONS = ['us-east-1', 'ap-northeast-1', 'cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1']
const ENDPOINTS = [undefined, 'https://s3.eu-west-1.amazonaws.com', 'http://127.0.0.1:7070', 'http://127.0.0.1:7071']

const s3End: fc.Arbitrary<S3End> = fc.record({
  kind: fc.constant('s3' as const),
  bucket: fc.constantFrom('a', 'b'),
  prefix: fc.constantFrom('', 'lake/'),
  endpoint: fc.constantFrom(...ENDPOINTS),
  region: fc.constantFrom(undefined, ...REGIONS),
  signedBy: fc.constantFrom('environment' as const, 'given' as const, 'nobody' as const),
  credentials: fc.constantFrom(undefined, async () => ({ accessKeyId: 'a', secretAccessKey: 'b' })),
})
const end: fc.Arbitrary<TransferEnd> = fc.oneof(
  { weight: 3, arbitrary: s3End },
  fc.record({ kind: fc.constantFrom('file' as const, 'http' as const, 'memory' as const, 'other' as const) }),
)
const file = fc.record({
  key: fc.constantFrom('data/a.zip', "it's", 'b*c', 'line\nbreak', '币安'),
  size: fc.constantFrom(0, 1, 5 * GIB, 5 * GIB + 1),
})
const options = fc.record({
  files: fc.array(file),
  source: end,
  target: end,
  s5cmd: fc.boolean(),
  capped: fc.boolean(),
  mode: fc.constantFrom<TransferMode>('auto', 'direct', 'traditional'),
})

/** The rule as DESIGN puts it, in the dullest way. */
function mayCopy({ source, target, s5cmd }: ChooseModeOptions): boolean {
  if (source.kind !== 's3' || target.kind !== 's3' || !s5cmd) return false
  if (target.signedBy === 'nobody') return false
  if (target.signedBy === 'given' && target.credentials === undefined) return false
  const isAws = (endpoint: string | undefined): boolean => endpoint === undefined || endpoint.includes('amazonaws')
  if (isAws(source.endpoint) !== isAws(target.endpoint)) return false
  if (!isAws(source.endpoint)) return source.endpoint === target.endpoint
  const partition = (region: string): string => /^(cn|us-gov|us-isob|us-iso)-/.exec(region)?.[1] ?? 'aws'
  if (source.region === undefined || target.region === undefined) return true
  return partition(source.region) === partition(target.region)
}

describe('chooseMode', () => {
  test('copies within S3 exactly where that is legal, and always says why', () => {
    fc.assert(
      fc.property(options, (request) => {
        const isLegal = mayCopy(request)
        if (request.mode === 'direct' && !isLegal) {
          expect(() => chooseMode(request)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
          return
        }
        const decisions = chooseMode(request)
        expect(decisions).toHaveLength(request.files.length)
        for (const [index, { mode, via, reason }] of decisions.entries()) {
          const { key = '', size = 0 } = request.files[index] ?? {}
          const fits = size <= 5 * GIB && !key.includes('\n')
          expect(mode).toBe(isLegal && fits && request.mode !== 'traditional' ? 'direct' : 'traditional')
          expect(reason).toMatch(/^\S.*[.]$/s)
          // No program is given what it cannot do.
          if (via === 's5cmd') expect(request.s5cmd && request.source.kind === 's3' && !key.includes('\n')).toBe(true)
          if (via === 's5cmd' && mode === 'traditional') expect(request.capped).toBe(false)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('refuses an anonymous copy with the reason, because it cannot work', () => {
    const bucket: S3End = { kind: 's3', bucket: 'data.binance.vision', prefix: '', signedBy: 'nobody' }
    const refusal = errorOf(() =>
      chooseMode({ files: [], source: bucket, target: bucket, s5cmd: true, mode: 'direct' }),
    )
    expect(refusal.message).toContain('--no-sign-request')
    expect(refusal.message).toContain('give credentials')
    expect(refusal.details['reason']).toContain('Anonymous users cannot copy')
  })

  test('a public bucket of AWS is copied by a signed principal, across regions', () => {
    const source: S3End = { kind: 's3', bucket: 'a', prefix: '', region: 'ap-northeast-1', signedBy: 'nobody' }
    const target: S3End = { kind: 's3', bucket: 'b', prefix: '', region: 'eu-west-1', signedBy: 'environment' }
    const [decision] = chooseMode({ files: [{ key: 'k', size: 1 }], source, target, s5cmd: true })
    expect(decision).toEqual({ mode: 'direct', via: 's5cmd', reason: 'Both buckets are on AWS: it copies.' })
  })

  test('credentials that only the store has keep s5cmd out', () => {
    const given: S3End = { kind: 's3', bucket: 'a', prefix: '', endpoint: 'http://s3.test', signedBy: 'given' }
    const [decision] = chooseMode({ files: [{ key: 'k', size: 1 }], source: given, target: given, s5cmd: true })
    expect(decision).toMatchObject({ mode: 'traditional', via: 'stream' })
    expect(decision?.reason).toContain('Only the store has its credentials')
  })

  test('a key that fits into no line, and a file that no copy takes, are streamed', () => {
    const bucket: S3End = { kind: 's3', bucket: 'a', prefix: '', endpoint: 'http://s3.test', signedBy: 'environment' }
    const files = [{ key: 'a\nb', size: 1 }, { key: 'big', size: 5 * GIB + 1 }] // prettier-ignore
    expect(chooseMode({ files, source: bucket, target: bucket, s5cmd: true })).toMatchObject([
      { mode: 'traditional', via: 'stream', reason: 'Its key fits into no line for s5cmd.' },
      { mode: 'traditional', via: 'stream', reason: 'Larger than 5 GiB: no single copy takes it.' },
    ])
  })
})

test('a region tells its partition', () => {
  expect(REGIONS.map(awsPartition)).toEqual(['aws', 'aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-isob'])
})

test('an endpoint tells its server, and every address of AWS is AWS', () => {
  expect(serverOf('https://s3.cn-north-1.amazonaws.com.cn')).toBeUndefined()
  expect(serverOf('https://amazonaws.com.evil.test')).toBe('amazonaws.com.evil.test')
  expect(() => serverOf('no url')).toThrow("'no url' is not the URL of an S3 server")
})

function errorOf(work: () => unknown): LakeError {
  try {
    work()
  } catch (error) {
    if (LakeError.is(error)) return error
  }
  throw new Error('It did not throw a LakeError')
}
