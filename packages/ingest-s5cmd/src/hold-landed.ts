import { LakeError, type ObjectInfo, type ObjectStore } from '@lake/core'
import { untilNobodyCopies } from './sole-copier.ts'

/**
 * Holds that what was just written into a bucket with a condition is still there when those are done who write without
 * one, and may have looked before. Elsewhere nobody does. One listing, mostly of nothing.
 *
 * @throws {@link LakeError} `CONFLICT` when it was written over, or when they do not come to an end. Trying again finds
 *   the other bytes, and keeps both.
 */
export async function holdLanded(
  target: ObjectStore,
  { key, etag }: Pick<ObjectInfo, 'key' | 'etag'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!target.url.startsWith('s3:')) return
  if (!(await untilNobodyCopies(target, signal))) return
  const now = await target.head(key, { signal })
  if (now?.etag === etag) return
  const message = `${target.url}: ${key} was written over by another process that copied it at the same time. Try again: then both are kept.`
  throw new LakeError('CONFLICT', message, { details: { key } })
}
