import { type BigIntStats, stat } from 'node:fs'
import { promisify } from 'node:util'
import type { ObjectInfo } from '@lake/core'
import { systemCodeOf, translated } from './file-error.ts'

/** Half of what `stat` of `node:fs/promises` costs: a listing looks at each of its files. */
const look = promisify(stat)

/** The object that a file is; `undefined` when there is no such file, or something else than a file is there. */
export async function fileInfo(path: string, key: string): Promise<ObjectInfo | undefined> {
  const looking = look(path, { bigint: true }).catch((error: unknown) => {
    if (isAbsence(error)) return undefined
    throw error
  })
  const stats = await translated(looking, { doing: 'look at', path })
  return stats?.isFile() === true ? infoOf(key, stats) : undefined
}

/** The etag is the time of the change in microseconds, and the size: the put sees to it that the time moves on. */
export function infoOf(key: string, stats: BigIntStats): ObjectInfo {
  const lastModified = Number(stats.mtimeNs / 1000n)
  const size = Number(stats.size)
  return { key, size, etag: `${lastModified.toString(36)}-${size.toString(36)}`, lastModified }
}

/** True when the error says that there is no such file. */
export function isAbsence(error: unknown): boolean {
  return ABSENT.has(systemCodeOf(error) ?? '')
}

// A path below a file, a name that no disk can hold, a link to itself: as absent as a plain missing file.
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])
