import type { AsyncBuffer } from 'hyparquet'

/** A file of which parts can be read: an object of a store, a file on a disk. */
export interface RandomAccess {
  readonly byteLength: number
  /** Bytes `[start, end)`. */
  slice(start: number, end: number): Promise<Uint8Array>
}

/** A failure of whoever delivers the bytes, which is no fault of the file. */
export class SourceFailure extends Error {}

/** A source as the decoder wants it; failures of the source come out as {@link SourceFailure} with their `cause`. */
export function asyncBuffer(source: Uint8Array | RandomAccess, signal?: AbortSignal): AsyncBuffer {
  const { byteLength } = source
  return {
    byteLength,
    slice(start, end = byteLength) {
      const part = readPart(source, start, end, signal)
      // The decoder asks for several parts at once and may give up at the first that fails.
      part.catch(() => undefined)
      return part
    },
  }
}

async function readPart(
  source: Uint8Array | RandomAccess,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<ArrayBuffer> {
  signal?.throwIfAborted()
  // Offsets come from the file itself, so a damaged one may point anywhere.
  if (!(start >= 0 && start <= end && end <= source.byteLength)) {
    throw new Error(`bytes ${start} to ${end} lie outside the ${source.byteLength} bytes of the file`)
  }
  const bytes = source instanceof Uint8Array ? source.subarray(start, end) : await deliver(source, start, end)
  if (bytes.length !== end - start) throw new Error(`the file ends before byte ${end}`)
  return new Uint8Array(bytes).buffer
}

async function deliver(source: RandomAccess, start: number, end: number): Promise<Uint8Array> {
  try {
    return await source.slice(start, end)
  } catch (error) {
    throw new SourceFailure('The source of a Parquet file failed.', { cause: error })
  }
}
