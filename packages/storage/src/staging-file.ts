import { randomBytes } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hasEnded, type ProcessIdentity } from './process-identity.ts'

/** A folder of files that belong to running processes, each with its owner in its name. */
export interface Staging {
  readonly folder: string
  readonly owner: ProcessIdentity
}

/** A name that nobody used before: `<kind>-<random>.<pid>.<start time>@<machine>`. */
export function stagingName(kind: string, { machine, pid, startTime }: ProcessIdentity): string {
  return `${kind}-${randomBytes(8).toString('hex')}.${pid}.${startTime}@${machine}`
}

/**
 * True when the owner of a file is gone. Nobody can ask another machine, so its files count as abandoned once they
 * are older than `foreignMillis` by the clock of the file system.
 */
export async function isAbandoned(staging: Staging, name: string, foreignMillis: number): Promise<boolean> {
  const { machine, pid, startTime } = staging.owner
  const owner = ownerOf(name)
  if (owner?.machine === machine) {
    const isOwn = owner.pid === pid && owner.startTime === startTime
    return !isOwn && hasEnded(owner)
  }
  const modified = await stat(join(staging.folder, name)).then(({ mtimeMs }) => mtimeMs, () => undefined) // prettier-ignore
  return modified !== undefined && Date.now() - modified > foreignMillis
}

/** Removes what processes left behind that were killed. Failures are no matter: the next store tries again. */
export async function sweep(staging: Staging): Promise<void> {
  const names = await readdir(staging.folder).catch(() => [])
  await Promise.allSettled(
    names.map(async (name) => {
      if (await isAbandoned(staging, name, FOREIGN_MILLIS)) await rm(join(staging.folder, name), { force: true })
    }),
  )
}

/** A day: another machine may be slow to write a big object. */
const FOREIGN_MILLIS = 86_400_000

function ownerOf(name: string): ProcessIdentity | undefined {
  const match = /\.(\d+)\.(\d+)@([0-9a-f]+)$/.exec(name)
  if (match === null) return undefined
  const [, pid = '', startTime = '', machine = ''] = match
  return { machine, pid: Number(pid), startTime }
}
