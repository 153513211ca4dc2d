import type { DataType, LakeTable, TimeRange } from '@lake/core'
import type { CertificatePart } from '@lake/quality'
import type { CertificatePartOptions } from './certificate-part-options.ts'
import type { HeldArchive } from './held-file.ts'
import { numberAnew } from './number-anew.ts'
import { hasIdsOfFile, timesOutside } from './outside-archive.ts'

/** The rows of archive files, and of partitions made of them, with ids that are the same for the same row. */
export function withComparableIds(
  options: CertificatePartOptions,
  table: LakeTable<DataType>,
): CertificatePart['table'] {
  return isNumberedByFile(options) ? numberAnew(table, archivesOf(options)) : table
}

/** Of the times that a venue speaks of, those in which the archive does not give the same rows other ids. */
export function timesOfSameIds(options: CertificatePartOptions, times: readonly TimeRange[]): readonly TimeRange[] {
  if (!isNumberedByFile(options)) return times
  return times.flatMap((range) => timesOutside(range, archivesOf(options)))
}

function isNumberedByFile({ lake, evidence: { dataset } }: CertificatePartOptions): boolean {
  return hasIdsOfFile({ adapter: lake.exchange(dataset.exchange), dataset })
}

function archivesOf({ evidence: { monthly, daily } }: CertificatePartOptions): readonly HeldArchive[] {
  return [...monthly, ...daily]
}
