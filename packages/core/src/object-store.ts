/** One object of a store, as a listing or a look at its head tells it. */
export interface ObjectInfo {
  /** Slash-separated, never starting with a slash, never with `.` or `..` as a part. */
  readonly key: string
  readonly size: number
  /** Opaque; differs whenever the object was replaced by other bytes. Empty when the store does not say. */
  readonly etag: string
  /** Epoch microseconds UTC; 0 when the store does not say, as S3 after a put. */
  readonly lastModified: number
}

export interface ListOptions {
  /** Only keys that start with this text; all keys when absent. */
  readonly prefix?: string | undefined
  /**
   * `/` gives the keys below a slash after the prefix as one entry a folder: its key ends with that slash, its size
   * is 0. So a tree can be walked without listing what nobody asks for.
   */
  readonly delimiter?: '/' | undefined
  readonly signal?: AbortSignal | undefined
}

export interface GetOptions {
  /** Closed-open byte offsets, clamped to the object as `slice` does; `end` absent reads to the last byte. */
  readonly range?: { readonly start: number; readonly end?: number | undefined } | undefined
  /** Fail with `CONFLICT` when the object's etag is another one. */
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** At most one of `ifAbsent` and `ifMatch`; with neither, the put replaces whatever is there. */
export interface PutOptions {
  /** Fail with `CONFLICT` when an object is there already. */
  readonly ifAbsent?: boolean | undefined
  /** Fail with `CONFLICT` unless the object is there with this etag. */
  readonly ifMatch?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** A stream that delivers an object: stop reading at any time, the store lets go of what it holds. */
export interface StoredObject {
  readonly info: ObjectInfo
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Bytes under keys, with compare-and-swap: all that the lake needs of a disk, a bucket or a web server.
 *
 * A put is atomic: a reader sees the old object or the new one, never a part, and a put that fails or is killed
 * changes nothing. Of several writers with the same `ifMatch` or with `ifAbsent`, exactly one wins.
 *
 * Every method throws {@link LakeError}: `NOT_FOUND` (get), `CONFLICT`, `NO_SPACE`, `NO_PERMISSION`, `READ_ONLY`,
 * `UNAVAILABLE`, `BAD_REQUEST` (a key that could leave the store), `UNSUPPORTED` (a listing that the store does not
 * have), `STORE_FAILED`. Aborts throw `signal.reason`.
 */
export interface ObjectStore {
  /** What people may call it, as in `file:///data/lake`; without credentials. */
  readonly url: string
  /** Objects, and folders if a delimiter is given, in ascending order of their key's UTF-8 bytes. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>
  /** `undefined` when there is no such object. */
  head(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<ObjectInfo | undefined>
  get(key: string, options?: GetOptions): Promise<StoredObject>
  /** A body that throws aborts the put, and nothing is stored. */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>
  /** Copies within the store without moving the bytes through this process, where the store can. */
  copy?(from: string, to: string, options?: PutOptions): Promise<ObjectInfo>
  /** Deleting what is not there is no error. */
  delete(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}
