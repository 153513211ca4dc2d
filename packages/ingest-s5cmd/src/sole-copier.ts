import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError, type ObjectStore } from '@lake/core'
import { lowerFlag, raiseAnew, raiseFlag, watchFlags } from './copying-flags.ts'

/*
 * s5cmd writes without a condition: what lies under a name by then is written over. So before anybody has it write into
 * a bucket, they see to it that they are the only ones, and only then look what the bucket holds: "raise the flag, then
 * look". Each raises a flag under a name of its own and then lists the flags. Of two, the one that raised its flag last
 * must see the flag of the other. Whoever is alone goes to work; of several, the one that has waited longest stays, and
 * the others lower their flags until it is done. Whoever writes with a condition takes nothing away and needs no flag,
 * but what it has written may be written over by somebody who looked before: so it waits for those whose flag is up
 * when it has written, and looks again.
 */

export interface CopyingPatience {
  /** A flag of another machine that was not raised anew for so long belongs to a process that has ended. Default a minute. */
  readonly staleMillis?: number | undefined
  /** How long to wait for others. Default a quarter of an hour. */
  readonly waitMillis?: number | undefined
}

const STALE_MILLIS = 60_000
const WAIT_MILLIS = 900_000
const LOOK_MILLIS = 300

/**
 * Does work during which nobody else writes into the bucket without a condition. The signal that the work is given ends it
 * when others might take this process for ended.
 *
 * @throws {@link LakeError} `CONFLICT` when others do not come to an end; then the work was not begun.
 * @throws {@link LakeError} `UNAVAILABLE` when the bucket could not be told for too long that this process lives.
 * Failures of the store pass through. Aborts throw `signal.reason`.
 */
export async function withSoleCopier<T>(
  target: ObjectStore,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
  patience: CopyingPatience = {},
): Promise<T> {
  const flag = await raiseAlone(target, patience, signal)
  const life = showLife(target, flag, patience)
  try {
    return await work(signal === undefined ? life.signal : AbortSignal.any([signal, life.signal]))
  } finally {
    await life.stop()
    await lowerFlag(target, flag)
  }
}

/**
 * Waits until everybody is done who might write over what was just written with a condition; gives whether there was
 * anybody.
 *
 * @throws {@link LakeError} `CONFLICT` when they do not come to an end. Aborts throw `signal.reason`.
 */
export async function untilNobodyCopies(
  target: ObjectStore,
  signal?: AbortSignal,
  { staleMillis = STALE_MILLIS, waitMillis = WAIT_MILLIS }: CopyingPatience = {},
): Promise<boolean> {
  const watch = watchFlags(target, staleMillis, signal)
  const deadline = performance.now() + waitMillis
  const first = await watch.living(undefined)
  const awaited = new Set(first.map(({ key }) => key))
  // Whoever raises a flag later sees what was written.
  for (let flags = first; ;) {
    const [longest] = flags.filter(({ key }) => awaited.has(key))
    if (longest === undefined) return awaited.size > 0
    if (performance.now() > deadline) throw heldTooLong(target, longest.key, waitMillis)
    await pause(signal)
    flags = await watch.living(undefined)
  }
}

async function raiseAlone(
  target: ObjectStore,
  { staleMillis = STALE_MILLIS, waitMillis = WAIT_MILLIS }: CopyingPatience,
  signal: AbortSignal | undefined,
): Promise<string> {
  const watch = watchFlags(target, staleMillis, signal)
  const since = Date.now()
  const deadline = performance.now() + waitMillis
  let own: string | undefined
  try {
    // Mostly nobody else is there, so that a flag which is raised without looking first saves a look.
    own = await raiseFlag(target, since)
    for (;;) {
      const [longest] = await watch.living(own)
      if (longest === undefined) {
        if (own !== undefined) return own
        own = await raiseFlag(target, since)
        continue
      }
      if (performance.now() > deadline) throw heldTooLong(target, longest.key, waitMillis)
      if (own !== undefined && longest.key < own) {
        await lowerFlag(target, own)
        own = undefined
      }
      await pause(signal)
      if (own !== undefined) await raiseAnew(target, own, signal)
    }
  } catch (error) {
    if (own !== undefined) await lowerFlag(target, own)
    throw error
  }
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await sleep(LOOK_MILLIS * (0.5 + Math.random()), undefined, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
}

/** Raises the flag anew, four times as often as it must be; its signal is aborted when that fails for too long. */
function showLife(
  target: ObjectStore,
  flag: string,
  { staleMillis = STALE_MILLIS }: CopyingPatience,
): { readonly signal: AbortSignal; stop(): Promise<void> } {
  const lost = new AbortController()
  const giveUp = setTimeout(() => {
    const seconds = staleMillis / 2000
    const message = `${target.url} could not be told for ${seconds} s that this process still copies into it. What has landed stays; run it again.`
    lost.abort(new LakeError('UNAVAILABLE', message, { details: { url: target.url, key: flag } }))
  }, staleMillis / 2)
  let raising = Promise.resolve()
  const timer = setInterval(() => {
    raising = raiseAnew(target, flag).then(
      () => void giveUp.refresh(),
      () => undefined,
    )
  }, staleMillis / 4)
  return {
    signal: lost.signal,
    stop: async () => {
      clearInterval(timer)
      clearTimeout(giveUp)
      // Or else it might be up again after it was lowered.
      await raising
      clearTimeout(giveUp)
    },
  }
}

function heldTooLong(target: ObjectStore, key: string, waitMillis: number): LakeError {
  const message =
    `Another process has been copying into ${target.url} for ${waitMillis / 1000} s. What has landed stays: run this again when it is done. ` +
    `If none runs any more, delete ${key}.`
  return new LakeError('CONFLICT', message, { details: { url: target.url, key } })
}
