import type { DatasetId, ObjectStore, TimeRange } from '@lake/core'
import { EVENT, type RecordEvent, readEvent, recordLines } from './frame-line.ts'
import { corrupt, readRecording, recordingsIn } from './read-frames.ts'

export interface ReadCoverageOptions {
  readonly store: ObjectStore
  readonly dataset: DatasetId
  readonly range: TimeRange
  /** The id of one stream, where several are recorded for the dataset. All of them add up when absent. */
  readonly stream?: string | undefined
  /** The recordings that count, by their keys in bronze. All that lie there when absent. */
  readonly keys?: ReadonlySet<string> | undefined
  readonly signal?: AbortSignal | undefined
}

/** A time of which nothing is known: what happened then was not recorded. */
export interface CoverageGap extends TimeRange {
  /** As in `the connection broke`, or `not recorded` where no recorder ran. */
  readonly reason: string
}

/** What a recording knows of a range: every instant is in one of the two. */
export interface Coverage {
  /** When every frame that the venue sent was recorded: no row there means that there was none. */
  readonly covered: readonly TimeRange[]
  readonly gaps: readonly CoverageGap[]
}

/**
 * When a dataset was recorded without a gap, by this machine's clock at the time of receipt, from the recordings in
 * bronze. Several recorders of the same dataset add up. It reads every recording of the range.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when an object is no recording; what the store throws.
 *
 * @example
 * const { covered, gaps } = await readCoverage({ store, dataset, range: parseTimeRange('2026-05-08', '2026-05-09') })
 */
export async function readCoverage(options: ReadCoverageOptions): Promise<Coverage> {
  const { store, dataset, range, stream, keys, signal } = options
  const covered: TimeRange[] = []
  const endings: { readonly at: number; readonly reason: string }[] = []
  const holes: CoverageGap[] = []
  for await (const { key, name } of recordingsIn(store, dataset, range, signal)) {
    if (stream !== undefined && name.series !== stream) continue
    if (keys !== undefined && !keys.has(key)) continue
    const bytes = await readRecording(store, key, signal)
    let since: number | undefined
    for (const { at, event } of eventsOf(bytes, key)) {
      if (event.event === 'covered') since ??= at
      if (event.event === 'malformed') holes.push({ from: at, to: at + 1, reason: 'a malformed frame' })
      if (event.event !== 'lost' && event.event !== 'close') continue
      const until = event.event === 'lost' ? event.since : at
      if (since !== undefined && until > since) covered.push({ from: since, to: until })
      if (event.event === 'lost') endings.push({ at: until, reason: event.reason })
      since = undefined
    }
  }
  const joined = without(union(covered, range), holes)
  endings.sort((a, b) => a.at - b.at)
  return { covered: joined, gaps: gapsBetween(joined, range).map((gap) => ({ ...gap, reason: reasonOf(gap) })) }

  /** Why a gap began: the last end of a coverage before it. */
  function reasonOf(gap: TimeRange): string {
    const hole = holes.find(({ from }) => from >= gap.from && from < gap.to)
    if (hole !== undefined && gap.to - gap.from === 1) return hole.reason
    return endings.findLast(({ at }) => at <= gap.from)?.reason ?? 'not recorded'
  }
}

function* eventsOf(bytes: Buffer, key: string): Generator<{ at: number; event: RecordEvent }, void, undefined> {
  for (const line of recordLines(bytes)) {
    if (line === undefined) throw corrupt(key)
    if (line.kind !== EVENT) continue
    const event = readEvent(bytes, line)
    if (event === undefined) throw corrupt(key)
    yield { at: line.at, event }
  }
}

/** The same instants in ascending ranges that do not touch, within bounds. */
function union(ranges: readonly TimeRange[], bounds: TimeRange): TimeRange[] {
  const joined: TimeRange[] = []
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const cut = { from: Math.max(from, bounds.from), to: Math.min(to, bounds.to) }
    if (cut.from >= cut.to) continue
    const last = joined.at(-1)
    if (last === undefined || cut.from > last.to) joined.push(cut)
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, cut.to) }
  }
  return joined
}

function without(ranges: readonly TimeRange[], holes: readonly TimeRange[]): TimeRange[] {
  let rest = [...ranges]
  for (const hole of holes) {
    rest = rest.flatMap((range) => {
      if (hole.from >= range.to || hole.to <= range.from) return [range]
      return [
        { from: range.from, to: hole.from },
        { from: hole.to, to: range.to },
      ].filter(({ from, to }) => to > from)
    })
  }
  return rest
}

function gapsBetween(ranges: readonly TimeRange[], bounds: TimeRange): TimeRange[] {
  const gaps: TimeRange[] = []
  let from = bounds.from
  for (const range of ranges) {
    if (range.from > from) gaps.push({ from, to: range.from })
    from = range.to
  }
  if (from < bounds.to) gaps.push({ from, to: bounds.to })
  return gaps
}
