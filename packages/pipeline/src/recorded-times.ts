import { DAY_MICROS, type DatasetId, intervalMicros, type Period, type TimeRange } from '@lake/core'
import { readCoverage } from '@lake/ingest-ccxt'
import type { Lake } from './define-lake.ts'
import { type HeldFrames, ON_THE_WAY } from './held-file.ts'

export interface RecordedTimesOptions {
  readonly lake: Lake
  readonly evidence: {
    readonly dataset: DatasetId
    readonly period: Period
    readonly live: readonly HeldFrames[]
  }
  readonly signal?: AbortSignal | undefined
}

/** A month's bar, at most; one that is not recorded to its end is not compared. */
const LONGEST = 31 * DAY_MICROS

/**
 * The times of rows that recordings would hold if there were such rows, by `ts_event`. Coverage is told by the clock of
 * the receipt: a row is received up to a moment after it happened, and a bar once it has ended, so a little less than
 * what was covered counts at both ends. No time counts of a stream that is a sample, whose rows were never meant to be
 * all.
 */
export async function recordedTimes({ lake, evidence, signal }: RecordedTimesOptions): Promise<TimeRange[]> {
  const { dataset, period, live } = evidence
  const { interval } = dataset
  const adapter = lake.exchange(dataset.exchange)
  const length = interval === undefined ? 0 : (intervalMicros(interval) ?? LONGEST)
  const samples = new Set(adapter.live?.channels.flatMap(({ id, sample }) => (sample === true ? [id] : [])))
  const streams = new Set(live.map(({ series }) => series).filter((series) => !samples.has(series)))
  const range = { from: period.from - ON_THE_WAY, to: period.to + length + ON_THE_WAY }
  // Only what the certificate names: a recorder may be adding files.
  const keys = new Set(live.map(({ key }) => key))
  const times: TimeRange[] = []
  for (const stream of streams) {
    const { covered } = await readCoverage({ store: lake.store, dataset, range, stream, keys, signal })
    for (const { from, to } of covered) {
      const whole = { from: from + ON_THE_WAY - length, to: to - ON_THE_WAY - length }
      if (whole.from < whole.to) times.push(whole)
    }
  }
  return times
}
