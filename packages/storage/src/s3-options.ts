export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** What is absent comes from the standard AWS variables and the AWS profile. */
export interface S3StoreOptions {
  readonly bucket: string
  /** The folder of the bucket where the store is; the whole bucket when absent. */
  readonly prefix?: string | undefined
  /** The URL of a server other than AWS; `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` when absent. */
  readonly endpoint?: string | undefined
  /** `AWS_REGION` when absent, then that of the profile; with an endpoint and no profile, `us-east-1`. */
  readonly region?: string | undefined
  /** A function is asked again when what it gave has expired. The AWS variables, profiles and roles when absent. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>) | undefined
  /** The AWS profile to take credentials, and the region, from; `AWS_PROFILE` when absent. Other programs do not see it. */
  readonly profile?: string | undefined
  /** Sends requests without a signature, for public buckets; `false` when absent. */
  readonly anonymous?: boolean | undefined
  /** Agrees to be charged for what is asked of a bucket whose readers pay; without it such a bucket refuses. `false` when absent. */
  readonly requesterPays?: boolean | undefined
  /**
   * Puts the bucket into the path instead of the host name. When absent: true where `AWS_S3_FORCE_PATH_STYLE` is
   * `true` or the endpoint is an IP address or `localhost`.
   */
  readonly forcePathStyle?: boolean | undefined
  /** How often a temporary failure is tried again; 5 when absent. */
  readonly retries?: number | undefined
  /** The pause before the first retry, doubled each time; 250 when absent. */
  readonly backoffMillis?: number | undefined
  /** How long to wait for an answer and for each chunk of a body; 30 000 when absent. Sending takes what it takes. */
  readonly timeoutMillis?: number | undefined
  /** Bodies above it are sent in parts of this size, 5 MiB or more; 8 MiB when absent. It doubles every 2 000 parts. */
  readonly partBytes?: number | undefined
  /** How many parts of a body are sent at once; 4 when absent. A put holds that many and two more in memory. */
  readonly concurrentParts?: number | undefined
  /** Objects above it are copied in parts; 5 GiB, the limit of AWS, when absent. */
  readonly largestCopyBytes?: number | undefined
}
