import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListOptions, ObjectInfo } from '@lake/core'
import { fileError, systemCodeOf } from './file-error.ts'
import { fileInfo } from './file-info.ts'
import { folderInfo } from './fold-folders.ts'
import { compareKeys } from './key-order.ts'
import { canStartKey, isKey } from './object-key.ts'

/** How many files of a folder are looked at together. */
const BATCH = 32

interface Walk {
  readonly root: string
  /** The one folder directly below the root that holds no objects. */
  readonly hidden: string
  /** False gives the folders in place of what is in them. */
  readonly enters: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * The files below a folder as objects, in the order of their keys' UTF-8 bytes. Opens only folders that can hold keys
 * with the prefix, and holds the names of one folder a level. A missing root is an empty store.
 */
export async function* listFiles(
  root: string,
  hidden: string,
  { prefix = '', delimiter, signal }: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  if (!canStartKey(prefix)) return
  const cut = prefix.lastIndexOf('/') + 1
  yield* walk({ root, hidden, enters: delimiter === undefined, signal }, prefix.slice(0, cut), prefix.slice(cut), [])
}

/**
 * @param base key of the folder with a slash at its end, or nothing for the root
 * @param start only names in this folder that start with it
 * @param links the real places of the symbolic links on the way here, so that none is entered twice
 */
async function* walk(
  context: Walk,
  base: string,
  start: string,
  links: readonly string[],
): AsyncGenerator<ObjectInfo, void, undefined> {
  const { root, hidden, signal } = context
  signal?.throwIfAborted()
  if (base.startsWith(`${hidden}/`)) return
  const entries = await entriesOf(context, base, start, links)
  for (let at = 0; at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH)
    const infos = await Promise.all(
      batch.map(async ({ key, links: way }) => (way === undefined ? fileInfo(join(root, key), key) : undefined)),
    )
    for (const [index, { key, links: way }] of batch.entries()) {
      signal?.throwIfAborted()
      const info = infos[index]
      if (info !== undefined) yield info
      if (way === undefined) continue
      if (context.enters) yield* walk(context, key, '', way)
      else yield folderInfo(key)
    }
  }
  signal?.throwIfAborted()
}

interface Entry {
  /** With a slash at its end for a folder, since that is what its keys are sorted by. */
  readonly key: string
  /** For a folder: the real places of the symbolic links on the way into it. */
  readonly links: readonly string[] | undefined
}

async function entriesOf(
  { root, hidden }: Walk,
  base: string,
  start: string,
  links: readonly string[],
): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const item of await itemsOf(join(root, base), base === '')) {
    const key = base + item.name
    if (!item.name.startsWith(start) || key === hidden || !isKey(key)) continue
    if (item.isDirectory()) entries.push({ key: `${key}/`, links })
    if (item.isFile()) entries.push({ key, links: undefined })
    if (item.isSymbolicLink()) entries.push(...(await linkedEntry(join(root, key), key, links)))
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key))
}

async function itemsOf(folder: string, isRoot: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    const code = systemCodeOf(error)
    // A root that is a file is a mistake; below the root, keys may well go on where there is a file.
    if (code === 'ENOENT' || code === 'ENAMETOOLONG' || (code === 'ENOTDIR' && !isRoot)) return []
    throw fileError(error, { doing: 'list', path: folder })
  }
}

/** What a symbolic link stands for; nothing when it leads nowhere, or back into a folder that it lies in. */
async function linkedEntry(path: string, key: string, links: readonly string[]): Promise<Entry[]> {
  const target = await stat(path).catch(() => undefined)
  if (target?.isDirectory() !== true) return [{ key, links: undefined }]
  const real = await realpath(path)
  return links.includes(real) ? [] : [{ key: `${key}/`, links: [...links, real] }]
}
