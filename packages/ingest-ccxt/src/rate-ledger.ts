import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/*
 * What all processes of a machine have spent of one budget, in files that are only appended to. There is no lock, so
 * none can be left behind:
 *
 * 1. Whoever wants to spend reads what was spent within the window. Too much: it waits, and has written nothing.
 * 2. Else it appends a claim, and reads again. Where all claims together are too much, it takes its own back by
 *    appending the negative, and waits a moment.
 *
 * Of two claims at the same time the later one sees the earlier, so the budget is never exceeded; at worst both give way.
 * A process that is killed leaves its claim behind, which counts until the window has passed: too little is spent,
 * never too much. Each window's length of time has a file of its own, so old ones are deleted as a whole. Reads
 * start where the last one ended.
 */

interface Entry {
  readonly time: number
  readonly weight: number
}

interface Slice {
  readonly path: string
  offset: number
  /** Text after the last line feed. */
  rest: string
  entries: Entry[]
}

export interface RateLedgerOptions {
  readonly folder: string
  /** The start of the files' names. */
  readonly name: string
  /** How long a claim counts, in microseconds. */
  readonly window: number
}

/** The record of what was spent of one budget, shared by all processes that use the same folder. */
export interface RateLedger {
  /** Books `weight` when `limit` allows it, and gives 0; else the microseconds to wait before asking again. */
  claim(weight: number, limit: number, now: number): number
  /** Books what others have spent, so that the sum is at least `used`. */
  atLeast(used: number, now: number): void
  /** Nobody spends before that instant; an earlier one changes nothing. */
  block(until: number): void
  /** The instant before which nobody spends. */
  blockedUntil(): number
}

/** Opens the ledger; the folder must exist. */
export function openRateLedger(options: RateLedgerOptions): RateLedger {
  const { folder, name, window } = options
  const slices = new Map<number, Slice>()
  const blockPath = join(folder, `${name}.blocked`)
  let serial = 0

  const sliceOf = (number: number): Slice => {
    const known = slices.get(number)
    if (known !== undefined) return known
    const slice = { path: join(folder, `${name}.${number}.log`), offset: 0, rest: '', entries: [] }
    slices.set(number, slice)
    return slice
  }
  const read = (now: number): Entry[] => {
    const current = Math.floor(now / window)
    for (const number of slices.keys()) if (number < current - 1) slices.delete(number)
    // The next one too: a process whose clock was read a moment later may be there already.
    const near = [current - 1, current, current + 1].map(sliceOf)
    for (const slice of near) readOn(slice)
    return near.flatMap((slice) => slice.entries).filter(({ time }) => time > now - window)
  }
  const append = (now: number, weight: number): string => {
    const number = Math.floor(now / window)
    const slice = sliceOf(number)
    if (slice.offset === 0) deleteOld(folder, name, number)
    // Lines begin with a line feed too: one that a full disk cut off spoils none but itself.
    const line = `${now} ${weight} ${process.pid}.${(serial += 1)}`
    appendFileSync(slice.path, `\n${line}\n`)
    return line
  }

  return {
    claim(weight, limit, now) {
      const before = read(now)
      const wait = waitFor(before, weight, limit, now, window)
      if (wait > 0) return wait
      append(now, weight)
      const after = read(now)
      if (sum(after) <= limit) return 0
      append(now, -weight)
      // A moment of chance, so that two that gave way to each other do not meet again.
      return 1000 + Math.random() * 20_000
    },
    atLeast(used, now) {
      const missing = used - sum(read(now))
      if (missing > 0) append(now, missing)
    },
    block(until) {
      if (until <= blockedUntil(blockPath)) return
      const aside = `${blockPath}.${process.pid}`
      writeFileSync(aside, String(until))
      renameSync(aside, blockPath)
    },
    blockedUntil: () => blockedUntil(blockPath),
  }
}

function sum(entries: readonly Entry[]): number {
  let total = 0
  for (const { weight } of entries) total += weight
  return total
}

/** How long until so much of what was spent has left the window that `weight` fits. */
function waitFor(entries: Entry[], weight: number, limit: number, now: number, window: number): number {
  let excess = sum(entries) + weight - limit
  if (excess <= 0) return 0
  entries.sort((a, b) => a.time - b.time)
  for (const { time, weight: spent } of entries) {
    excess -= spent
    if (excess <= 0) return Math.max(1, time + window - now)
  }
  return window
}

function readOn(slice: Slice): void {
  const bytes = readFrom(slice.path, slice.offset)
  if (bytes.length === 0) return
  slice.offset += bytes.length
  const lines = (slice.rest + bytes.toString('latin1')).split('\n')
  slice.rest = lines.pop() ?? ''
  for (const line of lines) {
    const [time = Number.NaN, weight = Number.NaN] = line.split(' ').map(Number)
    if (line !== '' && Number.isFinite(time) && Number.isFinite(weight)) slice.entries.push({ time, weight })
  }
}

function readFrom(path: string, offset: number): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return Buffer.alloc(0)
  }
  try {
    const chunks: Buffer[] = []
    for (let position = offset; ;) {
      const chunk = Buffer.allocUnsafe(65_536)
      const length = readSync(file, chunk, 0, chunk.length, position)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
      position += length
    }
  } finally {
    closeSync(file)
  }
}

function blockedUntil(path: string): number {
  try {
    const until = Number(readFileSync(path, 'latin1'))
    return Number.isFinite(until) ? until : 0
  } catch {
    return 0
  }
}

function deleteOld(folder: string, name: string, current: number): void {
  for (const file of readdirSync(folder)) {
    const number = file.startsWith(`${name}.`) ? Number(/\.(\d+)\.log$/.exec(file)?.[1] ?? Number.NaN) : Number.NaN
    if (number < current - 1) rmSync(join(folder, file), { force: true })
  }
}
