import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LakeError, type ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { defaultTargetKey } from './default-target-key.ts'
import { heldFiles } from './held-files.ts'

export interface PreflightOptions {
  readonly files: readonly ArchiveFile[]
  readonly target: ObjectStore
  /** As in `transfer`. */
  readonly targetKey?: ((file: ArchiveFile) => string) | undefined
  /** How much room a folder's disk has; asked of the system when absent. */
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Preflight {
  /** What the files come to that the target lacks; all of them where that need not be asked. */
  readonly bytesNeeded: number
  /** Absent where the target is no folder: a bucket does not say. */
  readonly bytesFree?: number | undefined
}

/** What is left to the rest of the system. */
const RESERVE = 64 * 1024 ** 2

/**
 * Looks, before anything is moved, whether the target has room for the files.
 *
 * @throws {@link LakeError} `NO_SPACE` when it has not, with how much is missing.
 */
export async function preflightTransfer(options: PreflightOptions): Promise<Preflight> {
  const { files, target, targetKey = defaultTargetKey, freeBytes = freeBytesOf, signal } = options
  const all = files.reduce((total, { size }) => total + size, 0)
  if (!target.url.startsWith('file:')) return { bytesNeeded: all }
  const bytesFree = await freeBytes(fileURLToPath(target.url))
  if (all + RESERVE <= bytesFree) return { bytesNeeded: all, bytesFree }
  const held = await heldFiles(target, files.map(targetKey), signal)
  const missing = files.filter((file) => !held.has(targetKey(file)))
  const bytesNeeded = missing.reduce((total, { size }) => total + size, 0)
  if (bytesNeeded === 0 || bytesNeeded + RESERVE <= bytesFree) return { bytesNeeded, bytesFree }
  throw new LakeError(
    'NO_SPACE',
    `${target.url} has room for ${megabytes(bytesFree)}, and needs ${megabytes(bytesNeeded + RESERVE)}: ${megabytes(bytesNeeded)} for ` +
      `${missing.length} ${missing.length === 1 ? 'file' : 'files'}, and ${megabytes(RESERVE)} that are left to the rest of the system. ` +
      'Nothing was moved: make room, or take fewer files.',
    { details: { bytesNeeded, bytesFree, bytesReserved: RESERVE, files: missing.length } },
  )
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

/** The folder need not be there yet. */
async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    const parent = dirname(folder)
    if (parent === folder) throw error
    return freeBytesOf(parent)
  }
}
