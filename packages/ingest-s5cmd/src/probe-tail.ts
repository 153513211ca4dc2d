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
import { algorithmOf, type IgnoredObject } from './read-entries.ts'

export interface TailOptions {
  readonly rules: ArchiveRules
  readonly source: ObjectStore
  /** Epoch microseconds UTC. */
  readonly now: number
  readonly range?: TimeRange | undefined
  /** How many periods may still be asked for; counts down. What it leaves out is told to `onIgnored`. */
  readonly budget?: ProbeBudget | undefined
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Shared by all tails of a search. */
export interface ProbeBudget {
  left: number
}

/** The newest listed file of a dataset, by kind of period. */
export interface Tail {
  readonly dataset: DatasetId
  readonly kind: Period['kind']
  /** The end of its newest listed period. */
  readonly listedTo: number
  /** Nothing is listed: it may begin anywhere after that. */
  readonly isUnlisted?: true | undefined
}

const CONCURRENCY = 8

/** After so many periods in a row that are not there, only the end of a tail is looked at. */
const ABSENCES: Readonly<Record<Period['kind'], number>> = { day: 10, month: 3 }
const END = 3

/** The same for a dataset that is over, and for one that is not listed at all. */
const ABSENCES_OF_ENDED = 2
const ABSENCES_OF_UNLISTED = 45

/** A dataset that ended so long before others of its kind is most likely over: the listing itself is newer. */
const ENDED_BEFORE: Readonly<Record<Period['kind'], number>> = { day: 3 * DAY_MICROS, month: 62 * DAY_MICROS }

/**
 * Files that exist, but are not listed yet: a listing can be stale for months. Asks for the checksum of each period from
 * the newest listed one to yesterday, or the last whole month, until several in a row are not there; then for the last
 * three, and for all in between where one of these is there.
 */
export async function* probeTails(
  options: TailOptions,
  tails: readonly Tail[],
): AsyncGenerator<ArchiveFile, void, undefined> {
  const newest = new Map<string, number>()
  const groupOf = ({ dataset, kind }: Tail): string => `${kind}/${dataset.market}/${dataset.dataType}`
  for (const tail of tails) newest.set(groupOf(tail), Math.max(newest.get(groupOf(tail)) ?? -Infinity, tail.listedTo))
  const isOver = (tail: Tail): boolean => (newest.get(groupOf(tail)) ?? 0) - tail.listedTo > ENDED_BEFORE[tail.kind]
  const found = mapInOrder(tails, {
    concurrency: CONCURRENCY,
    signal: options.signal,
    work: (tail, signal) => {
      // The requests at once are bounded, not the datasets.
      const concurrency = Math.ceil(CONCURRENCY / tails.length)
      return probeTail({ ...options, signal }, tail, { concurrency, isOver: isOver(tail) })
    },
  })
  for await (const files of found) yield* files
}

async function probeTail(
  options: TailOptions,
  tail: Tail,
  { concurrency, isOver }: { readonly concurrency: number; readonly isOver: boolean },
): Promise<ArchiveFile[]> {
  const rest = periodsOfTail(options, tail)
  const found: ArchiveFile[] = []
  const probe = async (some: readonly Period[]): Promise<number> => {
    const files = await probePeriods(options, tail, some, concurrency)
    found.push(...files)
    return files.length
  }
  const usual = tail.isUnlisted === true ? ABSENCES_OF_UNLISTED : ABSENCES[tail.kind]
  const step = isOver ? ABSENCES_OF_ENDED : usual
  while (rest.length > 0 && (await probe(rest.splice(0, step))) > 0);
  if (rest.length === 0 || isOver) return found
  const end = rest.splice(-END)
  if ((await probe(end)) > 0) await probe(rest)
  return found
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
  const { signal, budget, onIgnored } = options
  const found: ArchiveFile[] = []
  const affordable = periods.slice(0, budget?.left)
  if (budget !== undefined) budget.left -= affordable.length
  const left = periods[affordable.length]
  const leftKey = left && options.rules.key(tail.dataset, left)
  if (leftKey !== undefined) onIgnored?.({ key: leftKey, why: 'not-probed' })
  const asked = mapInOrder(affordable, {
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
