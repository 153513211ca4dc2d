import { type ObjectInfo, type ObjectStore, readObject } from '@lake/core'
import type { RandomAccess } from '@lake/parquet'

/** An object of a store as a file to read parts of, as long as it is the one that was listed. */
export function storeFile(store: ObjectStore, { key, size, etag }: ObjectInfo, signal?: AbortSignal): RandomAccess {
  return {
    byteLength: size,
    slice: (start, end) =>
      readObject(store, key, { range: { start, end }, ifMatch: etag === '' ? undefined : etag, signal }),
  }
}
