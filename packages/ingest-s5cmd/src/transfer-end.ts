import { LakeError } from '@lake/core'
import type { S3Credentials } from './s5cmd-environment.ts'

/** A prefix of a bucket, as far as a transfer must know it. */
export interface S3End {
  readonly kind: 's3'
  readonly bucket: string
  /** Before each key: empty, or ending in a slash. */
  readonly prefix: string
  /** The address of the server; AWS itself when absent. */
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  /** Its requests are signed by somebody, not anonymous. */
  readonly signed: boolean
  /** What signs them; when absent, s5cmd finds it as every AWS tool does: in the environment, in profiles, by role. */
  readonly credentials?: (() => Promise<S3Credentials>) | undefined
  /** The sha256 that the store itself computed of an object, as 64 hex digits; absent where it computes none. */
  readonly storedSha256?: ((key: string, signal?: AbortSignal) => Promise<string | undefined>) | undefined
}

/** One end of a transfer. */
export type TransferEnd = S3End | { readonly kind: 'file' | 'http' | 'memory' | 'other' }

/** The partition of AWS that a region belongs to: principals and copies do not cross its border. */
export function awsPartition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  const isolated = /^(?:us|eu)-(iso[a-z]?)-/.exec(region)?.[1]
  return isolated === undefined ? 'aws' : `aws-${isolated}`
}

/** The host and port of an S3 server; `undefined` for AWS, whichever of its addresses is written. */
export function serverOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined
  let url: URL
  try {
    url = new URL(endpoint)
  } catch (error) {
    throw new LakeError('BAD_REQUEST', `'${endpoint}' is not the URL of an S3 server.`, {
      cause: error,
      details: { endpoint },
    })
  }
  return /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(url.hostname) ? undefined : url.host
}

/** `s3://bucket/prefix/key`, as s5cmd writes it. */
export function s3Url(end: S3End, key: string): string {
  return `s3://${end.bucket}/${end.prefix}${key}`
}
