import { countLate, extent, type PageAnswer, type WalkedPage, type WalkOptions } from './page-walk.ts'

/** The one page of a series that only gives its newest rows: it settles the time from its first row on. */
export async function* walkLatest<Answer extends PageAnswer>(
  options: WalkOptions<Answer>,
): AsyncGenerator<WalkedPage<Answer>, void, undefined> {
  const { dataset, window, limit, tally, ask } = options
  const answer = await ask({ dataset, ...window, limit })
  const { count, first } = extent(answer.rows.times, { from: -Infinity, to: window.to })
  if (answer.rows.count === 0) tally.empty += 1
  tally.late += countLate(answer.rows.times)
  if (count > 0) yield { answer, range: { from: Math.max(window.from, first), to: window.to } }
}
