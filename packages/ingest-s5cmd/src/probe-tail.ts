import {
  type ArchiveRules,
  type DatasetId,
  DAY_MICROS,
  intervalStart,
  type ObjectStore,
  type Period,
  periodsIn,
  type TimeRange,
} from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { mapInOrder } from './map-in-order.ts'
import { algorithmOf } from './read-entries.ts'

export interface TailOptions {
  readonly rules: ArchiveRules
  readonly source: ObjectStore
  /** Epoch microseconds UTC. */
  readonly now: number
  readonly range?: TimeRange | undefined
  readonly signal?: AbortSignal | undefined
}

/** The newest listed file of a dataset, by kind of period. */
export interface Tail {
  readonly dataset: DatasetId
  readonly kind: Period['kind']
  /** The end of its newest listed period. */
  readonly listedTo: number
}

const CONCURRENCY = 8

/** Longer tails are asked for at both ends first, so that a symbol that ended years ago costs a few requests. */
const WHOLE_TAIL = 45
const ENDS = 3

/** A dataset that ended so long before others of its kind is over: the listing itself is newer. */
const ENDED_BEFORE: Readonly<Record<Period['kind'], number>> = { day: 3 * DAY_MICROS, month: 62 * DAY_MICROS }

/**
 * Files that exist, but are not listed yet: a listing can be stale for months. Asks for the checksum of each period from
 * the newest listed one to yesterday, or the last whole month; of tails beyond 45 periods first for three at each end.
 */
export async function* probeTails(
  options: TailOptions,
  tails: readonly Tail[],
): AsyncGenerator<ArchiveFile, void, undefined> {
  const newest = new Map<string, number>()
  const groupOf = ({ dataset, kind }: Tail): string => `${kind}/${dataset.market}/${dataset.dataType}`
  for (const tail of tails) newest.set(groupOf(tail), Math.max(newest.get(groupOf(tail)) ?? -Infinity, tail.listedTo))
  const live = tails.filter((tail) => (newest.get(groupOf(tail)) ?? 0) - tail.listedTo <= ENDED_BEFORE[tail.kind])
  const found = mapInOrder(live, {
    concurrency: CONCURRENCY,
    signal: options.signal,
    // The requests at once are bounded, not the datasets.
    work: (tail, signal) => probeTail({ ...options, signal }, tail, Math.ceil(CONCURRENCY / live.length)),
  })
  for await (const files of found) yield* files
}

async function probeTail(options: TailOptions, tail: Tail, concurrency: number): Promise<ArchiveFile[]> {
  const periods = periodsOfTail(options, tail)
  const probe = (some: readonly Period[]): Promise<ArchiveFile[]> => probePeriods(options, tail, some, concurrency)
  if (periods.length <= WHOLE_TAIL) return probe(periods)
  const first = await probe(periods.slice(0, ENDS))
  const last = await probe(periods.slice(-ENDS))
  if (first.length + last.length === 0) return []
  return [...first, ...(await probe(periods.slice(ENDS, -ENDS))), ...last]
}

/** After the newest listed one, up to the last that is over. */
function periodsOfTail({ rules, now, range }: TailOptions, { kind, listedTo }: Tail): Period[] {
  const { dayShift = 0 } = rules
  const end = intervalStart(kind === 'day' ? '1d' : '1mo', now - dayShift)
  const from = Math.max(listedTo, range?.from ?? -Infinity) - dayShift
  const to = Math.min(end, (range?.to ?? Infinity) - dayShift)
  return periodsIn(kind, { from, to }).filter((period) => period.to <= end)
}

async function probePeriods(
  options: TailOptions,
  tail: Tail,
  periods: readonly Period[],
  concurrency: number,
): Promise<ArchiveFile[]> {
  const { signal } = options
  const found: ArchiveFile[] = []
  const asked = mapInOrder(periods, {
    concurrency,
    signal,
    work: (period, either) => probePeriod({ ...options, signal: either }, tail.dataset, period),
  })
  for await (const file of asked) if (file !== undefined) found.push(file)
  return found
}

async function probePeriod(
  { rules, source, signal }: TailOptions,
  dataset: DatasetId,
  calendar: Period,
): Promise<ArchiveFile | undefined> {
  const key = rules.key(dataset, calendar)
  if (key === undefined) return undefined
  const { checksumSuffix } = rules
  const checksumKey = checksumSuffix === undefined ? undefined : key + checksumSuffix
  const checksum = checksumKey === undefined ? undefined : await source.head(checksumKey, { signal })
  if (checksumKey !== undefined && checksum === undefined) return undefined
  const info = await source.head(key, { signal })
  if (info === undefined) return undefined
  const period = rules.parseKey(key)?.period ?? calendar
  const file: ArchiveFile = { key, dataset, period, size: info.size, etag: info.etag }
  if (checksumKey === undefined || checksum === undefined) return file
  const joined = { ...file, checksumKey, ...algorithmOf(rules) }
  return checksum.etag === '' ? joined : { ...joined, checksumEtag: checksum.etag }
}
