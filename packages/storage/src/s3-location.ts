import type { ObjectStore } from '@lake/core'

/** Where a store of S3 is, for deciding whether a server can copy from one to another. It has no secret. */
export interface S3Location {
  readonly bucket: string
  /** What comes before the keys of the store: nothing, or text that ends with a slash. */
  readonly prefix: string
  /** `undefined` is AWS, unless the AWS profile names another. */
  readonly endpoint: string | undefined
  /** `undefined` is that of the AWS profile. */
  readonly region: string | undefined
  readonly forcePathStyle: boolean
  /** Who asks agrees to be charged. */
  readonly requesterPays: boolean
  /** What one request of a copy takes at most. */
  readonly largestCopyBytes: number
  /**
   * Who signs the requests: credentials that the `environment` has (AWS variables, profiles, roles), so that other programs
   * of this machine find them too; credentials `given` as an option; or `nobody`, who may not copy on a server.
   */
  readonly signedBy: 'environment' | 'given' | 'nobody'
}

/** What a store of S3 carries besides the port. The symbol is the same in every copy of this package. */
export const S3_LOCATION: unique symbol = Symbol.for('@lake/storage/s3-location')

/**
 * Where a store of S3 is; `undefined` for any other store, also for one that wraps it in functions of its own.
 *
 * @example
 * s3Location(openStore('s3://my-bucket/lake'))?.bucket // my-bucket
 */
export function s3Location(store: ObjectStore & { readonly [S3_LOCATION]?: S3Location }): S3Location | undefined {
  return store[S3_LOCATION]
}
