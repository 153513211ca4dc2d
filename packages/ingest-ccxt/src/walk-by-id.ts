import { LakeError } from '@lake/core'
import { countLate, extent, MOST_FRUITLESS, type PageAnswer, type WalkedPage, type WalkOptions } from './page-walk.ts'
import { walkByTime } from './walk-by-time.ts'

/**
 * The pages of a window in the order of their rows' numbers: the first is found by time, each further one starts after
 * the last number of the one before. Ranges meet at an instant that both sides hold, since rows share instants.
 *
 * @param start the number to begin with, where it is known
 * @returns the number of the first row after the window, `undefined` when the venue has none yet
 * @throws {@link LakeError} `UNAVAILABLE` when the venue keeps giving rows of before.
 */
export async function* walkById<Answer extends PageAnswer>(
  options: WalkOptions<Answer>,
  start?: bigint,
): AsyncGenerator<WalkedPage<Answer>, bigint | undefined, undefined> {
  const { dataset, window, limit, tally, ask, pause } = options
  let at = window.from
  let fromId = start
  let repeats = 0
  let emptyBefore = false
  let short = false

  for (;;) {
    const answer =
      fromId === undefined ? await firstByTime(options) : await ask({ dataset, from: at, to: window.to, limit, fromId })
    if (answer === undefined) return undefined
    const { times, count } = answer.rows
    const ids = extentOfIds(answer, fromId ?? 0n)
    if (ids.count === 0) {
      // Nothing after the last number is believed when it is said twice.
      if (count === 0) tally.empty += 1
      else tally.repeated += 1
      if (count === 0 && emptyBefore) return undefined
      emptyBefore = count === 0
      repeats += 1
      if (repeats > MOST_FRUITLESS) throw repeatsItself(options, fromId ?? 0n, repeats)
      await pause(repeats)
      continue
    }
    emptyBefore = false
    if (short) tally.short += 1
    repeats = 0
    short = count < limit
    const { first, last } = extent(times, { from: -Infinity, to: Infinity })
    tally.overlapping += count - ids.count
    tally.late += countLate(times)
    const passed = last >= window.to
    const range = { from: Math.max(window.from, Math.min(at, first)), to: passed ? window.to : Math.max(at, last) + 1 }
    if (range.from < range.to) yield { answer, range }
    if (passed) return firstIdFrom(answer, window.to)
    if (answer.finalTo <= last) return undefined
    at = Math.max(at, last)
    fromId = ids.last + 1n
  }
}

/** The page with the first rows of the window; `undefined` when there are none. */
async function firstByTime<Answer extends PageAnswer>(options: WalkOptions<Answer>): Promise<Answer | undefined> {
  for await (const { answer } of walkByTime(options)) return answer
  return undefined
}

function extentOfIds({ rows }: PageAnswer, from: bigint): { readonly count: number; readonly last: bigint } {
  let count = 0
  let last = from
  for (let row = 0; row < rows.count; row++) {
    const id = rows.idOf(row)
    if (id < from) continue
    count += 1
    if (id > last) last = id
  }
  return { count, last }
}

function firstIdFrom({ rows }: PageAnswer, time: number): bigint | undefined {
  let first: bigint | undefined
  for (let row = 0; row < rows.count; row++) {
    const id = rows.idOf(row)
    if ((rows.times[row] ?? 0) >= time && (first === undefined || id < first)) first = id
  }
  return first
}

function repeatsItself({ series }: WalkOptions<PageAnswer>, fromId: bigint, times: number): LakeError {
  return new LakeError(
    'UNAVAILABLE',
    `${series.id} was asked ${times} times for rows from number ${fromId} on, and gave those before. Pages before that are stored; try again later.`,
    { details: { series: series.id, fromId: String(fromId) } },
  )
}
