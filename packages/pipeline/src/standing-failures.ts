import { bronzeArchiveKey, type DatasetId, parsePeriod, type TimeRange } from '@lake/core'
import { originalKey } from '@lake/ingest-s5cmd'
import { type FailedMonth, type ManifestFile, readFailedMonths } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** What the last run over a month could not bring in of it. */
export interface StandingFailure extends FailedMonth {
  /** What the month, or the file, is of. */
  readonly period: TimeRange
}

/**
 * What own runs could not bring in of a dataset. The refused file is none of them while partitions are made of an
 * earlier state of it: they have its rows.
 *
 * @param files the partitions of the dataset
 */
export async function standingFailures(
  lake: Lake,
  dataset: DatasetId,
  files: readonly ManifestFile[],
): Promise<readonly StandingFailure[]> {
  const failed = await readFailedMonths(lake.store, dataset)
  if (failed.length === 0) return []
  const { id, archive } = lake.exchange(dataset.exchange)
  const held = new Set(files.flatMap(({ inputs }) => inputs.map(({ key }) => originalKey(key))))
  return failed.flatMap((failure) => {
    const { month, file } = failure
    if (file !== undefined && held.has(bronzeArchiveKey(id, file))) return []
    const period = file === undefined ? undefined : archive?.parseKey(file)?.period
    return [{ ...failure, period: period ?? parsePeriod(month) }]
  })
}

/** The periods of single files among failures. */
export function refusedPeriods(failures: readonly StandingFailure[]): TimeRange[] {
  return failures.flatMap(({ file, period }) => (file === undefined ? [] : [period]))
}
