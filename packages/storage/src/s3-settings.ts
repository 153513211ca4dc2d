import { isIP } from 'node:net'
import { LakeError } from '@lake/core'
import { canStartKey } from './object-key.ts'
import type { S3Credentials, S3StoreOptions } from './s3-options.ts'

/** The options of a store with the environment and the defaults filled in. */
export interface S3Settings {
  readonly bucket: string
  /** What the keys of the bucket have before those of the store: nothing, or text that ends with a slash. */
  readonly base: string
  /** `undefined` is AWS. */
  readonly endpoint: string | undefined
  /** `undefined` leaves it to the AWS profile. */
  readonly region: string | undefined
  readonly forcePathStyle: boolean
  readonly anonymous: boolean
  readonly requesterPays: boolean
  /** `undefined` leaves it to the environment. */
  readonly profile: string | undefined
  /** `undefined` leaves them to the environment. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>) | undefined
  readonly retries: number
  readonly backoffMillis: number
  readonly timeoutMillis: number
  readonly partBytes: number
  readonly concurrentParts: number
  readonly largestCopyBytes: number
}

/**
 * Settles what a store needs to know before its first request.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an option or an AWS variable cannot be; the message has no credentials.
 */
export function s3Settings(options: S3StoreOptions, environment: NodeJS.ProcessEnv): S3Settings {
  const { bucket, prefix = '', credentials, profile, anonymous = false, requesterPays = false } = options
  checkPlace(bucket, prefix)
  if (anonymous && credentials !== undefined) throw badRequest('anonymous excludes credentials: give one of them.')
  if (profile !== undefined && (anonymous || credentials !== undefined)) {
    throw badRequest('A profile excludes credentials and anonymous: give one of them.')
  }
  if (anonymous && requesterPays) throw badRequest('requesterPays excludes anonymous: nobody cannot be charged.')
  const endpoint = options.endpoint ?? variable(environment, 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL')
  const host = endpoint === undefined ? undefined : hostOf(endpoint)
  const isSmallServer = host !== undefined && (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || host === 'localhost')
  return {
    bucket,
    base: prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`,
    endpoint,
    region: options.region ?? variable(environment, 'AWS_REGION') ?? regionOfServer(endpoint, environment, profile),
    forcePathStyle: options.forcePathStyle ?? (environment['AWS_S3_FORCE_PATH_STYLE'] === 'true' || isSmallServer),
    anonymous,
    requesterPays,
    profile,
    credentials,
    retries: options.retries ?? 5,
    backoffMillis: options.backoffMillis ?? 250,
    timeoutMillis: options.timeoutMillis ?? 30_000,
    partBytes: wholeBytes('partBytes', options.partBytes ?? 8 * MEBIBYTE, 5 * MEBIBYTE),
    concurrentParts: wholeBytes('concurrentParts', options.concurrentParts ?? 4, 1),
    largestCopyBytes: wholeBytes('largestCopyBytes', options.largestCopyBytes ?? 5 * 1024 * MEBIBYTE, 5 * MEBIBYTE),
  }
}

const MEBIBYTE = 1_048_576

/** Letters, digits, dots, hyphens; capitals and underscores are in some old names. */
const BUCKET = /^[a-z0-9][\w.-]{1,253}[a-z0-9]$/i

function checkPlace(bucket: string, prefix: string): void {
  if (!BUCKET.test(bucket)) {
    // Only the form is told: what is no bucket may be a key and its secret, as in s3://key:secret@bucket.
    throw badRequest('That cannot be the name of a bucket: it has 3 letters or more, of a-z, 0-9, dots and hyphens.')
  }
  if (prefix === '' || (canStartKey(`${prefix.replace(/\/$/, '')}/`) && prefix !== '/')) return
  throw badRequest(`${JSON.stringify(prefix)} cannot be a prefix: write parts between single slashes.`)
}

function hostOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw badRequest('The endpoint must be a URL such as https://s3.example.com, without user and password in it.')
  }
  return url.hostname
}

/** Servers other than AWS seldom care, but a signature has to name some region. */
function regionOfServer(
  endpoint: string | undefined,
  environment: NodeJS.ProcessEnv,
  profile: string | undefined,
): string | undefined {
  const hasProfile = (profile ?? variable(environment, 'AWS_PROFILE')) !== undefined
  return endpoint === undefined || hasProfile ? undefined : 'us-east-1'
}

function variable(environment: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
}

function wholeBytes(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw badRequest(`${name} is ${value}: give a whole number from ${least} on.`)
}

function badRequest(message: string): LakeError {
  return new LakeError('BAD_REQUEST', message)
}
