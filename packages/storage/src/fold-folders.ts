import type { ObjectInfo } from '@lake/core'

/**
 * Gives one entry for all objects below a slash after the prefix, and the others as they are. Needs the objects in the
 * order of their keys, and keeps it.
 */
export async function* foldFolders(
  objects: AsyncIterable<ObjectInfo>,
  prefix: string,
): AsyncGenerator<ObjectInfo, void, undefined> {
  let folder = ''
  for await (const object of objects) {
    const slash = object.key.indexOf('/', prefix.length)
    if (slash < 0) {
      yield object
      continue
    }
    const key = object.key.slice(0, slash + 1)
    if (key === folder) continue
    folder = key
    yield folderInfo(key)
  }
}

/** The entry of a folder, its key with the slash. */
export function folderInfo(key: string): ObjectInfo {
  return { key, size: 0, etag: '', lastModified: 0 }
}
