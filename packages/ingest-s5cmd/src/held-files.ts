import type { ObjectInfo, ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { KnownFile } from './transferred-file.ts'

/**
 * What a store holds of these keys, by one listing for each folder: far fewer requests than one for each key.
 * A key that is not in the map is not there.
 */
export async function heldFiles(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ObjectInfo>> {
  const held = new Map<string, ObjectInfo>()
  for (const folder of byFolder(keys)) {
    const wanted = new Set(folder)
    for await (const info of store.list({ prefix: commonStart(folder), signal })) {
      if (!wanted.delete(info.key)) continue
      held.set(info.key, info)
      if (wanted.size === 0) break
    }
  }
  return held
}

/**
 * True when the target holds what the source lists: the same size, and the same etag where the two can be compared,
 * or both etags as they were when the file was taken.
 */
export function isSameFile(held: ObjectInfo, file: ArchiveFile, known: KnownFile | undefined): boolean {
  if (held.size !== file.size) return false
  if (known?.sourceEtag !== undefined && known.etag !== '' && known.etag === held.etag) {
    return known.sourceEtag === file.etag
  }
  return compareEtags(held.etag, file.etag) === 'same'
}

/**
 * Whether two etags of different buckets tell the same bytes. Only etags that are the MD5 of a whole object can; that
 * of an upload in parts depends on the parts.
 */
export function compareEtags(a: string, b: string): 'same' | 'different' | 'incomparable' {
  const [x, y] = [digestIn(a), digestIn(b)]
  if (x === undefined || y === undefined) return 'incomparable'
  return x === y ? 'same' : 'different'
}

function digestIn(etag: string): string | undefined {
  return /^"?([0-9a-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase()
}

function byFolder(keys: readonly string[]): string[][] {
  const folders = new Map<string, string[]>()
  for (const key of keys) {
    const folder = key.slice(0, key.lastIndexOf('/') + 1)
    const list = folders.get(folder)
    if (list === undefined) folders.set(folder, [key])
    else list.push(key)
  }
  return [...folders.values()]
}

/** The longest text that all keys start with. */
function commonStart(keys: readonly string[]): string {
  const [first = ''] = keys
  let length = first.length
  for (const key of keys) {
    while (!key.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length)
}
