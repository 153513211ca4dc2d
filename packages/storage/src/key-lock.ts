import { createHash } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'
import { translated } from './file-error.ts'
import { isAbandoned, type Staging, stagingName } from './staging-file.ts'
import { untilAborted } from './until-aborted.ts'

/*
 * "Raise the flag, then look": a process that wants a key creates a claim file of its own, with a name that nobody
 * else ever uses, and only then lists the claims on that key. If its own is the only one, it holds the lock until it
 * removes the file. Of two processes, the one that raised its flag last must see the flag of the other, so two can
 * never hold the same lock. When several see each other, those whose claim is not the first by name step back
 * (remove their claim, pause, start over with a new name), and the first stays and looks again until it is alone,
 * so that somebody always gets on. Claims of processes that have ended do not count, and anybody may remove them:
 * since a name is never used twice, that cannot hit a living claim. Locks made of one well-known file do not have
 * this property: between seeing that the owner is dead and removing its file, another may have broken the lock
 * already and taken it.
 */

export interface KeyLock {
  readonly staging: Staging
  readonly key: string
  /** How long to wait for others that hold the lock. */
  readonly timeoutMillis: number
  readonly signal: AbortSignal | undefined
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
  const { staging, key, signal } = lock
  const kind = `lock-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
  const deadline = performance.now() + lock.timeoutMillis
  let claim: string | undefined
  try {
    for (let round = 0; ; round++) {
      claim ??= await raise(lock, kind)
      const rivals = await rivalsOf(lock, kind, claim)
      if (rivals.length === 0) return claim
      if (performance.now() > deadline) throw heldTooLong(lock, rivals)
      if (rivals.some((rival) => claim === undefined || rival < claim)) {
        await lower(lock, claim)
        claim = undefined
      }
      await untilAborted(sleep(Math.random() * Math.min(2 ** round, 32)), signal)
    }
  } catch (error) {
    if (claim !== undefined) await lower(lock, claim)
    throw error
  }
}
