import { type ArchiveRules, type DatasetId, type ObjectStore, type Period, periodsIn, rangeContains } from '@lake/core'
import type { TimeRange } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { coveredSpans, isCovered } from './covered-spans.ts'
import { mapInOrder } from './map-in-order.ts'
import { algorithmOf } from './read-entries.ts'

export interface ProbeOptions {
  readonly rules: ArchiveRules
  readonly source: ObjectStore
  readonly dataset: DatasetId
  readonly range: TimeRange
  /** Files that were found already: what they cover is not asked for again. */
  readonly but?: readonly ArchiveFile[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** Enough to hide the round trip, few enough to be a polite guest. */
const CONCURRENCY = 8

/**
 * The files of a dataset in a range on a source that cannot list: asks for every month, then for each day whose
 * month was not found or is not wholly in the range. The checksum of a file is assumed to lie beside it.
 */
export async function probeArchive(options: ProbeOptions): Promise<ArchiveFile[]> {
  const { range, rules } = options
  // Names follow the archive's own calendar.
  const { dayShift = 0 } = rules
  const calendar = { from: range.from - dayShift, to: range.to - dayShift }
  const months = await probe(options, periodsIn('month', calendar))
  const whole = new Set(months.filter(({ period }) => rangeContains(range, period)).map(({ period }) => period.label))
  const days = periodsIn('day', calendar).filter(({ label }) => !whole.has(label.slice(0, 7)))
  return [...months, ...(await probe(options, days))]
}

async function probe(options: ProbeOptions, periods: readonly Period[]): Promise<ArchiveFile[]> {
  const { rules, source, dataset, but = [], signal } = options
  const covered = coveredSpans(but)
  const candidates = periods.flatMap((calendar) => {
    const key = rules.key(dataset, calendar)
    const period = key === undefined ? calendar : (rules.parseKey(key)?.period ?? calendar)
    return key === undefined || isCovered(period, covered) ? [] : [{ key, period }]
  })
  const heads = mapInOrder(candidates, {
    concurrency: CONCURRENCY,
    signal,
    work: async ({ key, period }, either) => ({ key, period, info: await source.head(key, { signal: either }) }),
  })
  const files: ArchiveFile[] = []
  for await (const { key, period, info } of heads) {
    if (info === undefined) continue
    const checksumKey = rules.checksumSuffix === undefined ? undefined : key + rules.checksumSuffix
    files.push({ key, dataset, period, size: info.size, etag: info.etag, checksumKey, ...algorithmOf(rules) })
  }
  return files
}
