import { LakeError, type ObjectStore } from '@lake/core'
import { copierInto, type CopyFrom, type S3Credentials, s3Location, storedSha256 } from '@lake/storage'

/** A prefix of a bucket, as far as a transfer must know it. */
export interface S3End {
  readonly kind: 's3'
  readonly bucket: string
  /** Before each key: empty, or ending in a slash. */
  readonly prefix: string
  /** The address of the server; AWS itself when absent. */
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  /**
   * Who signs its requests: `environment` is what every AWS tool finds (variables, profiles, roles), `given` are the
   * {@link S3End.credentials}, and `nobody` reads a public bucket.
   */
  readonly signedBy: 'environment' | 'given' | 'nobody'
  /** Who asks agrees to be charged. */
  readonly requesterPays?: boolean | undefined
  /** For another program that is to sign; absent with `given` when only the store has them. */
  readonly credentials?: (() => Promise<S3Credentials>) | undefined
  /** Copies into it from another bucket of its server by the store's own client: also in parts, which s5cmd cannot. */
  readonly copyFrom?: CopyFrom | undefined
  /** What one request of a copy takes at most. Default 5 GiB. */
  readonly largestCopyBytes?: number | undefined
  /** The sha256 that the server itself has of an object, as 64 hex digits. */
  readonly storedSha256?: ((key: string, signal?: AbortSignal) => Promise<string | undefined>) | undefined
}

/** One end of a transfer. */
export type TransferEnd = S3End | { readonly kind: 'file' | 'http' | 'memory' | 'other' }

/**
 * What a store is, as an end of a transfer.
 *
 * @param credentials what the store was opened with, where that is not what the environment has
 */
export function endOf(store: ObjectStore, credentials?: S3Credentials | (() => Promise<S3Credentials>)): TransferEnd {
  const location = s3Location(store)
  if (location === undefined) return { kind: KINDS.find((kind) => store.url.startsWith(kind)) ?? 'other' }
  const { bucket, prefix, endpoint, region, requesterPays, largestCopyBytes, signedBy } = location
  const isOurs = credentials !== undefined && signedBy !== 'nobody'
  const given = isOurs ? async () => (typeof credentials === 'function' ? credentials() : credentials) : undefined
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint,
    region,
    signedBy,
    requesterPays,
    credentials: given,
    largestCopyBytes,
    copyFrom: copierInto(store),
    storedSha256: storedSha256(store),
  }
}

const KINDS = ['file', 'http', 'memory'] as const

/** Another program can sign, or need not. */
export function isOpenToPrograms({ signedBy, credentials }: S3End): boolean {
  return signedBy !== 'given' || credentials !== undefined
}

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
