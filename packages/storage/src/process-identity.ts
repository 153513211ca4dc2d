import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

/** One run of a program. A process id alone does not tell: ids are given out again, and differ between containers. */
export interface ProcessIdentity {
  /** Where the process id means something: a hash of the host's name, its boot and the process namespace. */
  readonly machine: string
  readonly pid: number
  /** Clock ticks from the boot to the start of the process; `0` where there is no /proc to tell. */
  readonly startTime: string
}

/** This process. */
export async function currentProcess(): Promise<ProcessIdentity> {
  const places = [readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readlink('/proc/self/ns/pid')]
  const [boot, namespace] = await Promise.all(places.map(async (text) => text.catch(() => '')))
  const machine = createHash('sha256')
    .update(JSON.stringify([hostname(), boot, namespace]))
    .digest('hex')
    .slice(0, 12)
  const status = await processStatus(process.pid)
  return { machine, pid: process.pid, startTime: status?.startTime ?? '0' }
}

/** True when a process of this machine has surely ended. */
export async function hasEnded({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  if (!isRunning(pid)) return true
  const status = await processStatus(pid)
  // Without /proc, or hidden from this user: the id is in use, and that is all there is to know.
  if (status === undefined || startTime === '0') return false
  return status.startTime !== startTime || status.state === 'Z' || status.state === 'X'
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs and belongs to somebody else.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

async function processStatus(pid: number): Promise<{ readonly state: string; readonly startTime: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // The second field is the program's name in parentheses and may hold anything; the third is the state, the 22nd
  // the start time.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
}
