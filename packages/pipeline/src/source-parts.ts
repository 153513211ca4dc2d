import { type DataType, type LakeTable, reachOf, type TimeRange } from '@lake/core'
import { mergeTables } from '@lake/merge'
import type { CertificatePart } from '@lake/quality'
import type { CertificatePartOptions, PartInputs } from './certificate-part-options.ts'
import { timesOfSameIds, withComparableIds } from './comparable-ids.ts'
import { liesWithin } from './compute-partition.ts'
import type { HeldArchive, HeldFrames, HeldPage } from './held-file.ts'
import { readInput } from './read-input.ts'
import { recordedTimes } from './recorded-times.ts'
import type { SilverRows } from './silver-rows.ts'
import { parseInputs } from './silver-task.ts'

/** Bad lines of a file are no rows of it, and so differences: no file has too many to be compared. */
export const ANY_SHARE = (): number => 1

/** What files of one granularity of the archive have. */
export async function archivePart(
  options: CertificatePartOptions,
  files: readonly HeldArchive[],
  inputs: PartInputs,
): Promise<CertificatePart | undefined> {
  if (files.length === 0) return undefined
  return { table: withComparableIds(options, await rowsOf(options, files)), inputs, covered: files.map(periodOf) }
}

/** What the pages of REST have, in the ranges that they were asked for. */
export async function restPart(
  options: CertificatePartOptions,
  inputs: PartInputs,
): Promise<CertificatePart | undefined> {
  const { rest } = options.evidence
  if (rest.length === 0) return undefined
  return { table: await rowsOf(options, rest), inputs, covered: timesOfSameIds(options, rest.map(periodOf)) }
}

/** The rows that files of one kind have for the period. */
async function rowsOf(
  { lake, evidence, spanning, signal }: CertificatePartOptions,
  files: readonly (HeldArchive | HeldPage | HeldFrames)[],
): Promise<LakeTable<DataType>> {
  const { dataset, period } = evidence
  const { dataType, interval } = dataset
  const adapter = lake.exchange(dataset.exchange)
  const reading = {
    dataset,
    formats: adapter.formats?.filter((format) => format.dataType === dataType) ?? [],
    series: [...(adapter.rest?.series ?? []), ...(adapter.live?.channels ?? [])].filter(
      (series) => series.dataType === dataType,
    ),
  }
  const inputs: SilverRows[] = []
  for (const file of files) {
    if (file.source === 'archive' && !liesWithin(reachOf(file.period), period)) {
      inputs.push(await spanning.rowsOf(file, period))
    } else {
      const input = await readInput({ lake, dataset, quarantineLimit: ANY_SHARE, signal }, file, period)
      inputs.push(...(await parseInputs({ ...reading, inputs: [input] }, signal)))
    }
  }
  return mergeTables({ dataType, inputs, policy: 'newest', interval, signal }).table
}

/** What was recorded. Rows that came while nobody listened are not missed: a recording speaks of the times that it covers. */
export async function livePart(
  options: CertificatePartOptions,
  inputs: PartInputs,
): Promise<CertificatePart | undefined> {
  const { live } = options.evidence
  if (live.length === 0) return undefined
  const covered = timesOfSameIds(options, await recordedTimes(options))
  return { table: await rowsOf(options, live), inputs, covered }
}

function periodOf({ period: { from, to } }: HeldArchive | HeldPage): TimeRange {
  return { from, to }
}
