import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ObjectInfo } from '@lake/core'
import { bodyChunks } from './body-chunks.ts'
import { systemCodeOf, translated } from './file-error.ts'
import { infoOf } from './file-info.ts'

/** A file on its way to become the object of a key. */
export interface StagedFile {
  readonly path: string
  readonly key: string
}

/**
 * Writes a body to a new file, waits until all of it is on the disk, and gives what the object will be.
 * On failure the file, or a part of it, may be there.
 *
 * @param clock called when the body is written, for the change time
 */
export async function writeStaged(
  { path, key }: StagedFile,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  clock: () => number,
  signal: AbortSignal | undefined,
): Promise<ObjectInfo> {
  const operation = { doing: 'write', path }
  const file = await translated(
    inFolder(dirname(path), async () => open(path, 'wx')),
    operation,
  )
  try {
    for await (const chunk of bodyChunks(body, signal)) await translated(file.writeFile(chunk), operation)
    return await translated(finish(file, key, clock()), operation)
  } finally {
    await file.close()
  }
}

/** Gives a staged file another change time, in epoch microseconds. */
export async function restamp({ path, key }: StagedFile, micros: number): Promise<ObjectInfo> {
  const operation = { doing: 'write', path }
  const file = await translated(open(path, 'r+'), operation)
  try {
    return await translated(finish(file, key, micros), operation)
  } finally {
    await file.close()
  }
}

async function finish(file: FileHandle, key: string, micros: number): Promise<ObjectInfo> {
  // A double of seconds is exact to a quarter of a microsecond, and the system cuts off: aim at the middle.
  const seconds = (micros + 0.5) / 1_000_000
  await file.utimes(seconds, seconds)
  await file.sync()
  return infoOf(key, await file.stat({ bigint: true }))
}

/** Makes a folder and those above it where they are missing, and waits until they are on the disk. */
export async function makeFolder(folder: string): Promise<void> {
  const operation = { doing: 'make', path: folder }
  const first = await translated(mkdir(folder, { recursive: true }), operation)
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await translated(syncFolder(dirname(made)), operation)
  }
}

/** Does work in a folder, which is mostly there: where it is missing it is made, and the work done again. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
  }
  await makeFolder(folder)
  return work()
}

/** Waits until the names in a folder are on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === 'win32') return
  const file = await open(folder)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
