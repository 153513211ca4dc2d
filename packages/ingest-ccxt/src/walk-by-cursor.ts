import { LakeError } from '@lake/core'
import { countLate, extent, MOST_REPEATS, type PageAnswer, type WalkedPage, type WalkOptions } from './page-walk.ts'

/**
 * The pages of a window as the venue's cursors lead through them, in whichever direction that is. Ranges of
 * neighbours meet at an instant that both sides hold. The end is where the cursor ends, or where the pages have left
 * the window.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when a page names the cursor that it was asked with.
 */
export async function* walkByCursor<Answer extends PageAnswer>(
  options: WalkOptions<Answer>,
): AsyncGenerator<WalkedPage<Answer>, void, undefined> {
  const { series, dataset, window, limit, tally, ask, pause } = options
  const { from, to } = window
  let cursor: string | undefined
  let repeats = 0
  /** The time of the page before, to tell which way the cursors lead. */
  let before: number | undefined
  /** The side of the page before that the next one goes on from. */
  let edge: { readonly first: number; readonly last: number } | undefined

  for (;;) {
    const answer = await ask({ dataset, from, to, limit, cursor })
    const next = series.nextCursor?.(answer.json)
    if (next !== undefined && next === cursor) {
      tally.repeated += 1
      if ((repeats += 1) > MOST_REPEATS) throw repeatsItself(options, next)
      await pause(repeats)
      continue
    }
    repeats = 0
    const all = extent(answer.rows.times, { from: -Infinity, to: Infinity })
    if (all.count === 0) {
      tally.empty += 1
    } else {
      tally.late += countLate(answer.rows.times)
      const descending = before !== undefined && all.first < before
      const ascending = before !== undefined && all.first > before
      // What lies between two pages is settled by both. A microsecond more on each side, since a time in seconds with
      // seven decimals does not fit into a number of JSON: a page has no rows but its own, so nothing else comes in.
      const range = {
        from: Math.max(from, Math.min(all.first, ascending && edge !== undefined ? edge.last : Infinity) - 1),
        to: Math.min(to, Math.max(all.last + 1, descending && edge !== undefined ? edge.first + 1 : -Infinity) + 1),
      }
      if (range.from < range.to) yield { answer, range }
      if ((ascending && all.last >= to) || (descending && all.first < from)) return
      before = all.first
      edge = all
    }
    if (next === undefined) return
    cursor = next
  }
}

function repeatsItself({ series }: WalkOptions<PageAnswer>, cursor: string): LakeError {
  return new LakeError(
    'UNAVAILABLE',
    `${series.id} gave the cursor '${cursor}' again that it was asked with. Pages before that are stored; try again later.`,
    { details: { series: series.id, cursor } },
  )
}
