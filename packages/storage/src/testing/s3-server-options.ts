import type { S3Credentials } from '../s3-options.ts'

export interface S3ServerOptions {
  /** Made if they are not there; three letters or more. */
  readonly buckets: readonly string[]
  /** Bucket policies by bucket, as S3 writes them; `public-read` lets everybody list and read. */
  readonly policies?: Readonly<Record<string, 'public-read' | Readonly<Record<string, unknown>>>> | undefined
  /** Users besides the root user; they may do what a policy grants them. */
  readonly users?: readonly S3Credentials[] | undefined
  /** Where the objects are, kept at the end; a temporary folder when absent. */
  readonly directory?: string | undefined
  /** 127.0.0.1 at this port; any free one when absent. */
  readonly port?: number | undefined
  /** `us-east-1` when absent. */
  readonly region?: string | undefined
  /** Further global options of versitygw. */
  readonly arguments?: readonly string[] | undefined
}
