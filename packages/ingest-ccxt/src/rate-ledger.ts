import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/*
 * What all processes of a machine have spent of one budget, in files that are only appended to. There is no lock, so
 * none can be left behind:
 *
 * 1. Whoever wants to spend looks at what was spent within the window. Too much: it waits, and has written nothing.
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
  weight: number
}

interface Slice {
  readonly path: string
  offset: number
  /** Text after the last line feed. */
  rest: string
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
  /** Lets what was claimed at one instant count as claimed at a later one. */
  move(weight: number, from: number, to: number): void
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
  const book = openBook(window)
  let serial = 0
  let lastRead = -Infinity

  const sliceOf = (number: number): Slice => {
    const known = slices.get(number)
    if (known !== undefined) return known
    const slice = { path: join(folder, `${name}.${number}.log`), offset: 0, rest: '' }
    slices.set(number, slice)
    return slice
  }
  /** Takes in what the files say by now, and gives what was spent within the window. */
  const readUsed = (now: number): number => {
    const current = Math.floor(now / window)
    for (const number of slices.keys()) if (number < current - 1) slices.delete(number)
    // The neighbours too: around the turn of a slice, and after a pause of this process, others are in another one.
    for (const number of [current - 1, current, current + 1]) readOn(sliceOf(number), book)
    lastRead = now
    return book.used(now)
  }
  const append = (now: number, weight: number): void => {
    const number = Math.floor(now / window)
    const slice = sliceOf(number)
    if (slice.offset === 0) deleteOld(folder, name, number)
    // Lines begin with a line feed too: one that a full disk cut off spoils none but itself.
    const line = `\n${now} ${weight} ${process.pid}.${(serial += 1)}\n`
    appendFileSync(slice.path, line)
    // Where nothing else came meanwhile, what would be read is what was written.
    if (sizeOf(slice.path) !== slice.offset + line.length || slice.rest !== '') return
    slice.offset += line.length
    book.add({ time: now, weight })
  }

  return {
    claim(weight, limit, now) {
      // In a burst the files were read a moment ago; what came since then is seen after the claim.
      const before = Math.abs(now - lastRead) < window / 1000 ? book.used(now) : readUsed(now)
      if (before + weight > limit) return book.waitFor(before + weight - limit, now)
      append(now, weight)
      if (readUsed(now) <= limit) return 0
      append(now, -weight)
      // A moment of chance, so that two that gave way to each other do not meet again.
      return 1000 + Math.random() * 20_000
    },
    move(weight, from, to) {
      // Both count for a moment, never neither.
      append(to, weight)
      append(from, -weight)
    },
    atLeast(wanted, now) {
      // The files can only say more.
      if (wanted <= book.used(now)) return
      const missing = wanted - readUsed(now)
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

interface Book {
  add(entry: Entry): void
  used(now: number): number
  /** How long until so much of what was spent has left the window. */
  waitFor(excess: number, now: number): number
}

/**
 * Entries of the window with their sum, so that a look costs no more than what has changed. They leave in the order in
 * which they came, which is that of their times but for moments: what leaves late counts too long, never too short.
 */
function openBook(window: number): Book {
  let entries: Entry[] = []
  let first = 0
  let total = 0
  return {
    add(entry) {
      if (entry.weight < 0) {
        // A claim that is taken back goes at once: were both kept, the claim could leave before its negative does.
        const at = entries.findLastIndex(({ time, weight }) => time === entry.time && weight === -entry.weight)
        const claim = at < first ? undefined : entries[at]
        total += claim === undefined ? 0 : entry.weight
        if (claim !== undefined) claim.weight = 0
        return
      }
      entries.push(entry)
      total += entry.weight
    },
    used(now) {
      for (let entry = entries[first]; entry !== undefined && entry.time <= now - window; entry = entries[first]) {
        total -= entry.weight
        first += 1
      }
      if (first > 1000) [entries, first] = [entries.slice(first), 0]
      return total
    },
    waitFor(excess, now) {
      let left = excess
      for (let at = first; at < entries.length; at++) {
        const { time = 0, weight = 0 } = entries[at] ?? {}
        left -= weight
        if (left <= 0) return Math.max(1, time + window - now)
      }
      return window
    },
  }
}

function readOn(slice: Slice, book: Book): void {
  // A look at the size is several times cheaper than opening, and than an error where there is no file.
  const size = sizeOf(slice.path)
  if (size <= slice.offset) return
  const lines = (slice.rest + readFrom(slice.path, slice.offset, size)).split('\n')
  slice.offset = size
  slice.rest = lines.pop() ?? ''
  for (const line of lines) {
    const [time = Number.NaN, weight = Number.NaN] = line.split(' ').map(Number)
    if (line !== '' && Number.isFinite(time) && Number.isFinite(weight)) book.add({ time, weight })
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** The text between two places of a file; others may append meanwhile. */
function readFrom(path: string, start: number, end: number): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(end - start)
    let length = 0
    for (let read = -1; length < bytes.length && read !== 0; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, start + length)
    }
    return bytes.toString('latin1', 0, length)
  } finally {
    closeSync(file)
  }
}

function blockedUntil(path: string): number {
  if (sizeOf(path) === 0) return 0
  const until = Number(readFileSync(path, 'latin1'))
  return Number.isFinite(until) ? until : 0
}

function deleteOld(folder: string, name: string, current: number): void {
  for (const file of readdirSync(folder)) {
    const number = file.startsWith(`${name}.`) ? Number(/\.(\d+)\.log$/.exec(file)?.[1] ?? Number.NaN) : Number.NaN
    if (number < current - 1) rmSync(join(folder, file), { force: true })
  }
}
