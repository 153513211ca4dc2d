import type { ObjectInfo, ObjectStore } from '@lake/core'
import { compareKeys } from '@lake/storage'
import type { ArchiveFile } from './archive-file.ts'
import { commonStart } from './common-start.ts'
import type { KnownFile } from './transferred-file.ts'

/** A listing comes in pages of a thousand. */
const PAGE = 1000

/**
 * What a store holds of these keys, by listings: far fewer requests than one for each key. One listing of all that the
 * keys have in common comes first; where that turns out to hold more than they are worth, it is one listing for each
 * folder that is left. A key that is not in the map is not there.
 */
export async function heldFiles(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ObjectInfo>> {
  return (await look(store, keys, { signal, looksBeyond: false })).held
}

/** What a look at a store has found. */
interface Look {
  readonly held: Map<string, ObjectInfo>
  /** Nothing but these keys starts as they all do. */
  readonly isAlone: boolean
}

/** As {@link heldFiles}; tells also whether the store holds anything beside them. */
export async function lookForFiles(
  store: ObjectStore,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Look> {
  return look(store, keys, { signal, looksBeyond: true })
}

interface LookOptions {
  readonly signal: AbortSignal | undefined
  /** Reads on behind the last key, to see whether anything is there. */
  readonly looksBeyond: boolean
}

async function look(store: ObjectStore, keys: readonly string[], options: LookOptions): Promise<Look> {
  const { signal, looksBeyond } = options
  const held = new Map<string, ObjectInfo>()
  let isAlone = true
  const wanted = new Set(keys)
  /** Notes of a listing what was asked for; gives the last key that it looked at when it stopped at the limit. */
  const list = async (asked: readonly string[], limit: number): Promise<string | undefined> => {
    const last = asked.reduce((a, b) => (compareKeys(a, b) < 0 ? b : a))
    let entries = 0
    for await (const info of store.list({ prefix: commonStart(asked), signal })) {
      if (wanted.delete(info.key)) held.set(info.key, info)
      else isAlone = false
      const order = compareKeys(info.key, last)
      if (order > 0 || (order === 0 && !(looksBeyond && isAlone))) return undefined
      if (++entries >= limit) return info.key
    }
    return undefined
  }
  const folders = byFolder(keys).length
  if (folders > 1) {
    // So many pages cost no more than a question for each folder.
    const reached = await list(keys, folders * PAGE)
    if (reached === undefined) return { held, isAlone }
    isAlone = false
    const ahead = keys.filter((key) => compareKeys(key, reached) > 0)
    for (const folder of byFolder(ahead)) await list(folder, Infinity)
  } else if (keys.length > 0) {
    await list(keys, Infinity)
  }
  return { held, isAlone }
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
  return MD5.exec(etag)?.[1]?.toLowerCase()
}

const MD5 = /^"?([0-9a-f]{32})"?$/i

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
