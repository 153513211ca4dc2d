import { DAY_MICROS, formatInstant, formatTimeRange, type Gap, rangeContains } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import type { ManifestFile } from '@lake/ledger'
import type { SilverFile } from './encode-silver.ts'
import type { SilverPartition } from './silver-partition.ts'

/**
 * Why a partition must not take the place of the one that is published: rows of that one would be gone, and neither
 * are they doubles nor does a published checksum vouch for the file that took them away. `undefined` when it may.
 *
 * Told by manifests: fewer rows in all or of a day, a stretch that was there and is missing now, less time covered.
 */
export function rowsThatVanish(
  known: ManifestFile | undefined,
  { files, period, span }: SilverPartition,
  file: SilverFile,
): string | undefined {
  if (known === undefined) return undefined
  const replaced = files.filter(({ key, sha256 }) =>
    known.inputs.some((input) => originalKey(input.key) === originalKey(key) && input.sha256 !== sha256),
  )
  const isVouchedFor = replaced.length > 0 && replaced.every((one) => one.source === 'archive' && one.verified === true)
  if (isVouchedFor) return undefined
  const loss = lossOf(known, { ...file, span, from: period.from })
  if (loss === undefined) return undefined
  const names = replaced.map(({ key }) => key)
  const cause =
    names.length === 0
      ? 'no file of it was replaced'
      : `no published checksum vouches for ${names.join(', ')}, which took the place of another`
  return `${loss}, and ${cause}.`
}

function lossOf(
  known: ManifestFile,
  next: Pick<SilverFile, 'rows' | 'counts' | 'gaps' | 'quality'> & { span: ManifestFile['span']; from: number },
): string | undefined {
  if (!rangeContains(next.span, known.span)) {
    return `It would cover ${formatTimeRange(next.span)} instead of ${formatTimeRange(known.span)}`
  }
  const doubles = (next.counts['duplicate_rows'] ?? 0) - (known.counts['duplicate_rows'] ?? 0)
  if (next.rows < known.rows - Math.max(0, doubles)) return `It would have ${next.rows} rows instead of ${known.rows}`
  const hole = (next.gaps ?? []).find((gap) => rangeContains(known.span, gap) && !isKnownHole(known.gaps ?? [], gap))
  if (known.gaps !== undefined && hole !== undefined) return `Its rows of ${formatTimeRange(hole)} would be gone`
  if (doubles > 0) return undefined
  const day = known.quality?.days.findIndex((rows, index) => (next.quality.days[index] ?? 0) < rows) ?? -1
  if (day < 0) return undefined
  return `Rows of ${formatInstant(next.from + day * DAY_MICROS).slice(0, 10)} would be gone`
}

/** True when every row of a hole was missing before. */
function isKnownHole(before: readonly Gap[], { from, to }: Gap): boolean {
  let reached = from
  for (const gap of before) if (gap.from <= reached && gap.to > reached) reached = gap.to
  return reached >= to
}
