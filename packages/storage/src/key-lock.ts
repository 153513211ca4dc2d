import { createHash } from 'node:crypto'
import { open, readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'
import { translated } from './file-error.ts'
import { isAbsence } from './file-info.ts'
import { inFolder } from './file-write.ts'
import { isAbandoned, type Staging, stagingName } from './staging-file.ts'
import { untilAborted } from './until-aborted.ts'

/*
 * "Raise the flag, then look": a process that wants a key creates a claim file of its own, with a name that nobody
 * else ever uses, and only then lists the claims on that key. If its own is the only one, it holds the lock until it
 * removes the file. Of two processes, the one that raised its flag last must see the flag of the other, so two can
 * never hold the same lock. When several see each other, the one that has waited longest (the first by name) stays
 * and looks again until it is alone, and the others remove their claims and wait until they see none, so that
 * somebody always gets on. Claims of processes that have ended do not count, and anybody may remove them: since a
 * name is never used twice, that cannot hit a living claim. A lock made of one well-known file does not have this
 * property: between seeing that the owner is dead and removing its file, another process may have done the same and
 * taken the lock.
 */

export interface KeyLock {
  readonly staging: Staging
  readonly key: string
  /** How long to wait for others that hold the lock. */
  readonly timeoutMillis: number
  readonly signal: AbortSignal | undefined
  /** Called while others hold the lock; throws when there is nothing to wait for any more. */
  readonly whileWaiting?: (() => Promise<void>) | undefined
}

/**
 * Does the work while no other process, and no other call in this one, works under the lock of the same key.
 *
 * @throws {@link LakeError} `CONFLICT` when others hold the lock for too long; then nothing was done.
 */
export async function withKeyLock<T>(lock: KeyLock, work: () => Promise<T>): Promise<T> {
  const claim = await claimAlone(lock)
  try {
    return await work()
  } finally {
    await lower(lock, claim)
  }
}

async function claimAlone(lock: KeyLock): Promise<string> {
  const kind = `lock-${createHash('sha256').update(lock.key).digest('hex').slice(0, 32)}`
  const since = Date.now().toString(36)
  const deadline = performance.now() + lock.timeoutMillis
  let claim: string | undefined
  try {
    // Mostly nobody else wants the key, so a flag that is raised without looking first saves a look.
    claim = await raise(lock, `${kind}-${since}`)
    for (let round = 0; ; round++) {
      const [longest, ...others] = await rivalsOf(lock, kind, claim)
      if (longest === undefined) {
        if (claim !== undefined) return claim
        claim = await raise(lock, `${kind}-${since}`)
        continue
      }
      if (performance.now() > deadline) throw heldTooLong(lock, [longest, ...others])
      if (claim !== undefined && longest < claim) {
        await lower(lock, claim)
        claim = undefined
      }
      await lock.whileWaiting?.()
      const pauseMillis = claim === undefined ? Math.min(2 ** round, 16) : 2
      await untilAborted(sleep(Math.random() * pauseMillis), lock.signal)
    }
  } catch (error) {
    if (claim !== undefined) await lower(lock, claim)
    throw error
  }
}

async function raise({ staging }: KeyLock, kind: string): Promise<string> {
  const claim = stagingName(kind, staging.owner)
  const path = join(staging.folder, claim)
  const created = inFolder(staging.folder, async () => open(path, 'wx'))
  const file = await translated(created, { doing: 'lock', path })
  await file.close()
  return claim
}

async function lower({ staging }: KeyLock, claim: string): Promise<void> {
  const path = join(staging.folder, claim)
  const removed = unlink(path).catch((error: unknown) => {
    if (!isAbsence(error)) throw error
  })
  await translated(removed, { doing: 'unlock', path, state: 'The object may have been changed.' })
}

/** The other claims on the key whose owners still run, by name; removes those of owners that are gone. */
async function rivalsOf({ staging }: KeyLock, kind: string, own: string | undefined): Promise<string[]> {
  const names = await translated(readdir(staging.folder), { doing: 'list', path: staging.folder })
  const rivals: string[] = []
  for (const name of names) {
    if (!name.startsWith(`${kind}-`) || name === own) continue
    if (await isAbandoned(staging, name, FOREIGN_MILLIS)) await rm(join(staging.folder, name), { force: true })
    else rivals.push(name)
  }
  return rivals.sort()
}

/** Long enough that a machine whose process was only slow is not taken for dead. */
const FOREIGN_MILLIS = 300_000

function heldTooLong({ key, staging, timeoutMillis }: KeyLock, rivals: readonly string[]): LakeError {
  const claims = rivals.map((name) => join(staging.folder, name))
  return new LakeError(
    'CONFLICT',
    `Others have been changing '${key}' for ${timeoutMillis / 1000} s. Nothing was changed; try again. ` +
      `If none of them runs any more, remove ${claims.join(' ')}.`,
    { details: { key, claims } },
  )
}
