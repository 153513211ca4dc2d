import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectStore } from '@lake/core'
import * as z from 'zod'
import { uploadRecording } from './upload-recording.ts'

/*
 * A session is a folder of the spool, named by when it began and by the process that writes it. Its file `alive` holds
 * the last sign of life of each connection and is replaced each second: what a crash leaves behind is known to be
 * covered up to there. A session whose process is gone, or silent for a while, is taken over by the next recorder.
 */

const ALIVE = 'alive'
/** What the name of a session ends in whose recorder has ended, but not all of its uploads. */
const LEFT = '-left'
/** A recorder that has not signed for so long is taken for dead, whatever its process number says. */
const SILENT_MILLIS = 60_000

const aliveFile = z.record(z.string(), z.number())

/** Makes the folder of a new session; its name is the session's. */
export async function openSession(spool: string, now: number): Promise<{ name: string; folder: string }> {
  const name = `${now}-${process.pid}`
  const folder = join(spool, name)
  await mkdir(folder, { recursive: true })
  await signAlive(folder, new Map())
  return { name, folder }
}

/** Says until when each connection was heard of. */
export async function signAlive(folder: string, links: ReadonlyMap<string, number>): Promise<void> {
  const path = join(folder, ALIVE)
  await writeFile(`${path}.next`, JSON.stringify(Object.fromEntries(links)))
  await rename(`${path}.next`, path)
}

/** Removes the folder of a session; one with files that are not in bronze yet is left to the next recorder. */
export async function closeSession(folder: string, isEmpty: boolean): Promise<void> {
  if (isEmpty) await rm(folder, { recursive: true, force: true })
  else await rename(folder, `${folder}${LEFT}`)
}

/** What was found of sessions that ended without closing. */
export interface Recovered {
  readonly sessions: number
  readonly frames: number
  readonly objects: number
}

/**
 * Puts what crashed recorders left in the spool into bronze. Recordings that were covered end where their connection
 * was last heard of. What the store does not take stays for the next recorder.
 */
export async function recoverSessions(spool: string, store: ObjectStore): Promise<Recovered> {
  let recovered: Recovered = { sessions: 0, frames: 0, objects: 0 }
  for (const entry of await readdir(spool, { withFileTypes: true })) {
    if (!entry.isDirectory() || !(await isAbandoned(join(spool, entry.name), entry.name))) continue
    const folder = await takeOver(spool, entry.name)
    if (folder === undefined) continue
    const done = await recoverSession(folder, store)
    await closeSession(folder, done.isWhole)
    recovered = {
      sessions: recovered.sessions + 1,
      frames: recovered.frames + done.frames,
      objects: recovered.objects + done.objects,
    }
  }
  return recovered
}

/** Of several recorders that start at once, one gets it. */
async function takeOver(spool: string, name: string): Promise<string | undefined> {
  const folder = join(spool, `${name.split('-')[0] ?? ''}-${process.pid}-taken`)
  try {
    await rename(join(spool, name), folder)
    return folder
  } catch {
    return undefined
  }
}

async function recoverSession(
  folder: string,
  store: ObjectStore,
): Promise<{ frames: number; objects: number; isWhole: boolean }> {
  const links = await readAlive(folder)
  let [frames, objects, isWhole] = [0, 0, true]
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith('.frames')) continue
    try {
      const done = await uploadRecording(join(folder, file), store, (link) => links.get(link) ?? 0)
      frames += done.frames
      if (done.key !== undefined) objects++
    } catch {
      isWhole = false
    }
  }
  return { frames, objects, isWhole }
}

async function isAbandoned(folder: string, name: string): Promise<boolean> {
  if (name.endsWith(LEFT)) return true
  const pid = Number(name.split('-')[1])
  if (!Number.isSafeInteger(pid)) return false
  if (pid !== process.pid && !isRunning(pid)) return true
  try {
    const { mtimeMs } = await stat(join(folder, ALIVE))
    return Date.now() - mtimeMs > SILENT_MILLIS
  } catch {
    return false
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process runs as well.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function readAlive(folder: string): Promise<ReadonlyMap<string, number>> {
  try {
    return new Map(Object.entries(aliveFile.parse(JSON.parse(await readFile(join(folder, ALIVE), 'utf8')))))
  } catch {
    // Then only frames tell how long it was covered.
    return new Map()
  }
}
