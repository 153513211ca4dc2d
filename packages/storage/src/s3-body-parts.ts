import { bodyChunks } from './body-chunks.ts'

/** A stretch of a body in memory of its own. */
export interface BodyPart {
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

/**
 * A body of unknown length in parts of `partBytes`, of which only the last may be shorter; none when it is empty. Parts double
 * every 2 000, since an upload may have 10 000 of them.
 */
export async function* bodyParts(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  partBytes: number,
  signal: AbortSignal,
): AsyncGenerator<BodyPart, void, undefined> {
  let count = 0
  let limit = partBytes
  let part = new Uint8Array(0)
  let filled = 0
  for await (const chunk of bodyChunks(body, signal)) {
    for (let taken = 0; taken < chunk.length;) {
      if (filled === limit) {
        yield { bytes: part, isLast: false }
        limit = partBytes * 2 ** Math.floor(++count / DOUBLING)
        part = new Uint8Array(0)
        filled = 0
      }
      const next = chunk.subarray(taken, taken + limit - filled)
      part = withRoom(part, filled, filled + next.length, limit)
      part.set(next, filled)
      filled += next.length
      taken += next.length
    }
  }
  if (filled > 0) yield { bytes: part.subarray(0, filled), isLast: true }
}

const DOUBLING = 2000
const LEAST_ROOM = 65_536

/** The same bytes with room for `needed`, which grows by doubling: a small body must not cost the memory of a part. */
function withRoom(
  part: Uint8Array<ArrayBuffer>,
  filled: number,
  needed: number,
  limit: number,
): Uint8Array<ArrayBuffer> {
  if (needed <= part.length) return part
  const grown = new Uint8Array(Math.min(limit, Math.max(needed, 2 * part.length, LEAST_ROOM)))
  grown.set(part.subarray(0, filled))
  return grown
}
