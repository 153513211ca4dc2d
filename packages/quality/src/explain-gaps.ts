import { type Gap, type Interval, intervalStart, nextIntervalStart, type TimeRange } from '@lake/core'
import { type GapFinding, judgePiece } from './judge-piece.ts'
import type { GapEvidence } from './gap-evidence.ts'
import { type IndexedEvidence, indexEvidence, type PublicationDelay } from './indexed-evidence.ts'
import { boundariesIn } from './spans.ts'

/** A gap, or a part of one, with its cause. */
export interface ExplainedGap extends Gap, GapFinding {}

export interface ExplainGapsOptions {
  readonly evidence: GapEvidence
  /** The time that counts as now, epoch microseconds UTC. */
  readonly now: number
  /** The grain of the rows; needed where they are not evenly spaced, as for `1mo`. */
  readonly interval?: Interval | undefined
  readonly publicationDelay?: PublicationDelay | undefined
}

/**
 * Why each gap is there, on what evidence, and what would fill it.
 *
 * A gap of several causes is divided at the rows where they change, so that its parts add up to it. Causes are tried
 * in this order, and each names what it rests on:
 *
 * 1. the instrument was not listed: `before-listing`, `after-delisting`
 * 2. the time has not come: `not-published-yet`
 * 3. an own run failed on it: `failed-here`, filled by trying again
 * 4. the outage is known, or all other symbols of the venue are silent at that time: `exchange-halt`, never filled;
 *    not claimed where trade ids are missing, or where the same symbol's bars or another source have rows
 * 5. its file is absent and not yet due (3 days for daily files, 35 for monthly ones): `not-published-yet`
 * 6. its file is overdue, or something happened that the file does not have: `missing-at-source`
 * 7. `unknown`
 *
 * With one symbol only, a halt cannot be told from a hole in the data, and the honest answer is `unknown`. Where no
 * trade id is missing across a gap nothing was traded, so nothing is asked for. A source that refused is not named
 * again as one that could fill the gap.
 *
 * @example
 * explainGaps(gaps, { evidence: { others: [{ name: 'ETHUSDT', covered: [january], gaps: ethGaps }] }, now: Date.now() * 1000 })
 * // [{ from, to, expected: 33, cause: 'exchange-halt', because: 'All 1 other symbols …', evidence: [...], fillableBy: [] }]
 */
export function explainGaps(gaps: readonly Gap[], options: ExplainGapsOptions): ExplainedGap[] {
  const { evidence, now, interval, publicationDelay = {} } = options
  const indexed = indexEvidence(evidence, now, publicationDelay)
  return gaps.flatMap((gap) => {
    const grid = gridOf(gap, interval)
    const explained: ExplainedGap[] = []
    let last: string | undefined
    for (const piece of piecesOf(gap, grid, indexed, now)) {
      const finding = judgePiece(piece, indexed, now)
      const same = JSON.stringify(finding)
      const before = explained.at(-1)
      if (before !== undefined && same === last) {
        explained[explained.length - 1] = { ...before, to: piece.to, expected: before.expected + piece.expected }
      } else explained.push({ ...piece, ...finding })
      last = same
    }
    return explained
  })
}

/** Where a gap can be divided: at its rows. `undefined` when they are not known. */
interface Grid {
  /** The time of the row at or before a moment. */
  rowAt(time: number): number
  rowAfter(time: number): number
  count(range: TimeRange): number
}

function gridOf(gap: Gap, interval: Interval | undefined): Grid | undefined {
  const step = (gap.to - gap.from) / gap.expected
  if (interval !== '1mo') {
    if (!Number.isInteger(step)) return undefined
    const rowAt = (time: number): number => gap.from + Math.floor((time - gap.from) / step) * step
    return { rowAt, rowAfter: (time) => rowAt(time) + step, count: ({ from, to }) => (to - from) / step }
  }
  return {
    rowAt: (time) => intervalStart(interval, time),
    rowAfter: (time) => nextIntervalStart(interval, time),
    count({ from, to }) {
      let rows = 0
      for (let at = from; at < to; at = nextIntervalStart(interval, at)) rows++
      return rows
    },
  }
}

/** The parts of a gap within which no evidence begins or ends. */
function piecesOf(gap: Gap, grid: Grid | undefined, { dividers }: IndexedEvidence, now: number): Gap[] {
  if (grid === undefined) return [gap]
  const cuts = new Set([gap.from, gap.to])
  const moments = dividers.flatMap((spans) => boundariesIn(spans, gap))
  if (now > gap.from && now < gap.to) moments.push(now)
  for (const moment of moments) {
    const row = grid.rowAt(moment)
    cuts.add(row)
    if (row !== moment) cuts.add(Math.min(gap.to, grid.rowAfter(moment)))
  }
  const sorted = [...cuts].sort((a, b) => a - b)
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index] ?? gap.from
    return { from, to, expected: grid.count({ from, to }) }
  })
}
