import { randomUUID } from 'node:crypto'
import type { ObjectStore } from '@lake/core'
import { currentProcess, hasEnded, type ProcessIdentity } from '@lake/storage'

/** A flag that somebody has raised in a bucket: while it is up, objects may be written there without a condition. */
interface CopyingFlag {
  /** Begins with the time at which its owner began to wait for its turn. */
  readonly key: string
  /** Another one when the flag was raised anew. */
  readonly version: string
}

const FOLDER = '_lake/copying/'

/** Raises a flag of this process, under a name that was never used and never will be. */
export async function raiseFlag(target: ObjectStore, since: number): Promise<string> {
  const { machine, pid, startTime } = await currentProcess()
  const key = `${FOLDER}${since.toString(36)}-${machine}-${pid}-${startTime}-${randomUUID().slice(0, 8)}.json`
  await raiseAnew(target, key)
  return key
}

/** Shows that its owner still lives. */
export async function raiseAnew(target: ObjectStore, key: string, signal?: AbortSignal): Promise<void> {
  const text = JSON.stringify({ raisedAt: new Date().toISOString() })
  await target.put(key, new TextEncoder().encode(`${text}\n`), { signal })
}

/** Nobody else uses this name, so that no condition is needed. */
export async function lowerFlag(target: ObjectStore, key: string): Promise<void> {
  await target.delete(key)
}

/** Looks at the flags again and again, and so finds out whose owners have ended. */
export interface FlagWatch {
  /** The flags of others that live, the longest waiting first. */
  living(own: string | undefined): Promise<readonly CopyingFlag[]>
}

/**
 * A watch over the flags of a bucket. Of a process of this machine it is known whether it has ended. Any other counts as
 * ended when this watch has seen its flag for `staleMillis` without its being raised anew: no two clocks are compared.
 */
export function watchFlags(target: ObjectStore, staleMillis: number, signal: AbortSignal | undefined): FlagWatch {
  const seen = new Map<string, { readonly version: string; readonly since: number }>()
  const isOver = async ({ key, version }: CopyingFlag): Promise<boolean> => {
    const owner = ownerIn(key)
    const { machine } = await currentProcess()
    if (owner?.machine === machine) return hasEnded(owner)
    const first = seen.get(key)
    if (first?.version === version) return performance.now() - first.since > staleMillis
    seen.set(key, { version, since: performance.now() })
    return false
  }
  return {
    async living(own) {
      const flags: CopyingFlag[] = []
      for await (const { key, etag, lastModified } of target.list({ prefix: FOLDER, signal })) {
        if (key === own) continue
        const flag = { key, version: `${etag} ${lastModified}` }
        if (await isOver(flag)) await lowerFlag(target, key)
        else flags.push(flag)
      }
      return flags
    },
  }
}

function ownerIn(key: string): ProcessIdentity | undefined {
  const [, machine, pid, startTime] = key.slice(FOLDER.length).split('-')
  if (machine === undefined || pid === undefined || startTime === undefined) return undefined
  return { machine, pid: Number(pid), startTime }
}
