import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SharedLog, sharedLog } from './shared-log.ts'

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

export interface RateLedgerOptions {
  readonly folder: string
  /** The start of the files' names. */
  readonly name: string
  /** How long a claim counts, in microseconds. */
  readonly window: number
  /** The clock that all go by who share the folder, in epoch microseconds. */
  readonly now: () => number
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

/** How long files stay open without a request, in milliseconds. */
const IDLE_MILLIS = 1000

/** Opens the ledger; the folder must exist. */
export function openRateLedger(options: RateLedgerOptions): RateLedger {
  const { folder, name, window, now: clock } = options
  const logs = new Map<number, SharedLog>()
  const blockPath = join(folder, `${name}.blocked`)
  const book = openBook(window)
  const idle = setTimeout(() => {
    for (const log of logs.values()) log.close()
  }, IDLE_MILLIS).unref()
  let serial = 0
  let lastRead = -Infinity

  const sliceAt = (time: number): number => Math.floor(time / window)
  const logOf = (slice: number): SharedLog => {
    const known = logs.get(slice)
    if (known !== undefined) return known
    deleteOld(folder, name, slice)
    const log = sharedLog(join(folder, `${name}.${slice}.log`))
    logs.set(slice, log)
    return log
  }
  /** Takes in what the files say by now, and gives what was spent within the window. */
  const readUsed = (now: number): number => {
    idle.refresh()
    const current = sliceAt(now)
    for (const [slice, log] of logs) {
      if (slice >= current - 1) continue
      log.close()
      logs.delete(slice)
    }
    // The neighbours too: around the turn of a slice, and after a pause of this process, others are in another one. As
    // long as the clock is not in the next one, whoever claims there is yet to read what is here.
    const last = sliceAt(clock()) > current ? current + 1 : current
    for (let slice = current - 1; slice <= last; slice++) {
      for (const line of logOf(slice).newLines()) takeIn(line, book)
    }
    lastRead = now
    return book.used(now)
  }
  const lookAnew = (now: number): number => {
    for (const log of logs.values()) log.check()
    return readUsed(now)
  }
  const append = (time: number, weight: number): void => {
    logOf(sliceAt(time)).append(`${time} ${weight} ${process.pid}.${(serial += 1)}`)
  }

  return {
    claim(weight, limit, now) {
      // In a burst the files were read a moment ago; what came since then is seen after the claim.
      const before = Math.abs(now - lastRead) < window / 1000 ? book.used(now) : lookAnew(now)
      if (before + weight > limit) return book.waitFor(before + weight - limit, now)
      append(now, weight)
      if (readUsed(now) <= limit) return 0
      append(now, -weight)
      readUsed(now)
      // A moment of chance, so that two that gave way to each other do not meet again.
      return 1000 + Math.random() * 20_000
    },
    move(weight, from, to) {
      // Both count for a moment, never neither.
      append(to, weight)
      append(from, -weight)
      readUsed(to)
    },
    atLeast(wanted, now) {
      // The files can only say more.
      if (wanted <= book.used(now)) return
      const missing = wanted - readUsed(now)
      if (missing <= 0) return
      append(now, missing)
      readUsed(now)
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

function takeIn(line: string, book: Book): void {
  const [time = Number.NaN, weight = Number.NaN] = line.split(' ').map(Number)
  if (line !== '' && Number.isFinite(time) && Number.isFinite(weight)) book.add({ time, weight })
}

function blockedUntil(path: string): number {
  // A look is several times cheaper than an error where there is no file.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return 0
  const until = Number(readFileSync(path, 'latin1'))
  return Number.isFinite(until) ? until : 0
}

function deleteOld(folder: string, name: string, current: number): void {
  for (const file of readdirSync(folder)) {
    const number = file.startsWith(`${name}.`) ? Number(/\.(\d+)\.log$/.exec(file)?.[1] ?? Number.NaN) : Number.NaN
    if (number < current - 1) rmSync(join(folder, file), { force: true })
  }
}
