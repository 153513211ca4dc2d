import { formatInstant, LakeError, parsePeriod, rangesOverlap, type TimeRange, versionKey } from '@lake/core'
import type { Manifest, ManifestFile, SupersededFile } from './manifest.ts'

/** A version of a partition and where its bytes lie. */
export interface FileVersion {
  readonly file: ManifestFile
  /** Its own key, or that of the kept bytes. */
  readonly key: string
  readonly isCurrent: boolean
  /** Closed-open stretches of its rows that were added later: they were not there. */
  readonly hidden: readonly TimeRange[]
}

/**
 * The versions of a month's partitions that were the truth at a moment, in order of their labels.
 *
 * Only restatements keep a version. Where rows were merely added since, the file is a later one, and `hidden` says
 * which of its rows are to be left out.
 *
 * @throws {@link LakeError} `NOT_FOUND` when the bytes of one of them were pruned since.
 * @param asOf epoch microseconds UTC, of the clock of the lake that committed
 * @param range only partitions that touch it; what was pruned outside of it does not matter
 *
 * @example
 * filesAt(manifest, parseInstant('2024-03-01')) // [{ file, key: '_lake/versions/….parquet', isCurrent: false, hidden: [] }]
 */
export function filesAt(manifest: Manifest, asOf: number, range?: TimeRange): FileVersion[] {
  const { files, superseded = [] } = manifest
  const labels = [...new Set([...files, ...superseded].map(({ label }) => label))]
    .filter((label) => range === undefined || rangesOverlap(parsePeriod(label), range))
    .sort()
  return labels.flatMap((label): FileVersion[] => {
    const old = superseded
      .filter((file) => file.label === label && file.supersededAt > asOf)
      .reduce<(typeof superseded)[number] | undefined>(
        (first, file) => (first === undefined || file.supersededAt < first.supersededAt ? file : first),
        undefined,
      )
    const file = old ?? files.find((one) => one.label === label)
    if (file === undefined || (file.commit?.since ?? Number.NEGATIVE_INFINITY) > asOf) return []
    if (old?.prunedAt !== undefined) throw pruned(old, asOf)
    const hidden = (file.added ?? []).flatMap(({ at, from, to }) => (at > asOf ? [{ from, to }] : []))
    return [{ file, key: old === undefined ? file.key : versionKey(file.sha256), isCurrent: old === undefined, hidden }]
  })
}

function pruned({ key, supersededAt, prunedAt = 0 }: SupersededFile, asOf: number): LakeError {
  return new LakeError(
    'NOT_FOUND',
    `${key} as it stood at ${formatInstant(asOf)} was pruned at ${formatInstant(prunedAt)}. It can be read as of ${formatInstant(supersededAt)} and later, when a newer version was the truth.`,
    { details: { key, asOf, supersededAt, prunedAt } },
  )
}
