/** A file of which parts can be read: an object of a store, a file on a disk. */
export interface RandomAccess {
  readonly byteLength: number
  /** Bytes `[start, end)`. */
  slice(start: number, end: number): Promise<Uint8Array>
  /**
   * Fills `target` with the bytes from `start` on, at once, and returns how many there were. Where a source has this,
   * columns are read piece by piece while they are decoded.
   */
  readInto?(target: Uint8Array, start: number): number
}

/** A part of a file: bytes `[start, end)`. */
export interface Part {
  readonly start: number
  readonly end: number
}

/** A failure of whoever delivers the bytes, which is no fault of the file. */
export class SourceFailure extends Error {}

// Parts this close are read as one: a request costs more than the bytes between them.
const GAP_BYTES = 8192

/**
 * Reads parts of a file, neighbouring ones at once.
 *
 * Throws {@link SourceFailure} with the `cause` when the source fails, a plain error when a part lies outside of it.
 */
export async function readParts(
  source: Uint8Array | RandomAccess,
  parts: readonly Part[],
  signal?: AbortSignal,
): Promise<Uint8Array[]> {
  const stretches: { start: number; end: number }[] = []
  for (const { start, end } of parts.toSorted((a, b) => a.start - b.start)) {
    const last = stretches.at(-1)
    if (last !== undefined && start <= last.end + GAP_BYTES) last.end = Math.max(last.end, end)
    else stretches.push({ start, end })
  }
  const read = await Promise.all(stretches.map(async (part) => ({ part, bytes: await readPart(source, part, signal) })))
  return parts.map(({ start, end }) => {
    const { part, bytes } = read.find(({ part }) => part.start <= start && end <= part.end) ?? EMPTY
    return bytes.subarray(start - part.start, end - part.start)
  })
}

const EMPTY = { part: { start: 0, end: 0 }, bytes: new Uint8Array() }

async function readPart(
  source: Uint8Array | RandomAccess,
  { start, end }: Part,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  checkPart(source, { start, end })
  const bytes = source instanceof Uint8Array ? source.subarray(start, end) : await deliver(source, start, end)
  if (bytes.length !== end - start) throw new Error(`the file ends before byte ${end}`)
  return bytes
}

/** Offsets come from the file itself, so a damaged one may point anywhere. */
export function checkPart({ byteLength }: { readonly byteLength: number }, { start, end }: Part): void {
  if (start >= 0 && start <= end && end <= byteLength) return
  throw new Error(`bytes ${start} to ${end} lie outside the ${byteLength} bytes of the file`)
}

/** Fills `target` at once; throws as {@link readParts} does. */
export function fillPart(readInto: NonNullable<RandomAccess['readInto']>, target: Uint8Array, start: number): void {
  let read: number
  try {
    read = readInto(target, start)
  } catch (error) {
    throw new SourceFailure('The source of a Parquet file failed.', { cause: error })
  }
  if (read !== target.length) throw new Error(`the file ends before byte ${start + target.length}`)
}

async function deliver(source: RandomAccess, start: number, end: number): Promise<Uint8Array> {
  try {
    return await source.slice(start, end)
  } catch (error) {
    throw new SourceFailure('The source of a Parquet file failed.', { cause: error })
  }
}
