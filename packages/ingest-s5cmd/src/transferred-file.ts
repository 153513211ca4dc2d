/** What became of one file. */
export interface TransferredFile {
  /** Where it lies in the target. */
  readonly key: string
  readonly sourceKey: string
  readonly size: number
  /** Of the bytes in the target, 64 lower-case hex digits. */
  readonly sha256: string
  /** Of the object in the target: with `sha256` it makes the `known` of the next run. */
  readonly etag: string
  /** The archive publishes a sha256 and it is this one. False when it publishes none. */
  readonly verified: boolean
  /** The target had it already. */
  readonly skipped: boolean
  /** The target held other bytes under this name: they stay, and these lie beside them. */
  readonly restated: boolean
  /** Payload bytes that came from the source, those of failed tries included. */
  readonly bytesReceived: number
  /** How many tries failed before. */
  readonly retries: number
}

/** What an inventory remembers of an object in the target. */
export interface KnownFile {
  /** Where its newest bytes lie, when that is beside an earlier version; absent, where the first version lies. */
  readonly key?: string | undefined
  /** Absent when nobody has read the object. */
  readonly sha256?: string | undefined
  /** Of the object when that was noted. While it is the same, the rest is believed. */
  readonly etag: string
  /** Of the object at the source at that time. With it, a copy that was made within S3 need not be made again. */
  readonly sourceEtag?: string | undefined
  /** The sha256 is the published one, and the bytes were compared with it. */
  readonly verified?: boolean | undefined
}

/** How far a file is; one call for each chunk. */
export interface TransferProgress {
  readonly key: string
  /** Payload bytes of this try so far. */
  readonly bytes: number
  readonly size: number
}
