import type { DatasetId, TimeRange } from '@lake/core'

/** What fetching from one series came to. */
export interface SeriesReport {
  readonly series: string
  /**
   * - `rows`: there were some
   * - `nothing-there`: the venue was asked for all of it, and has no row there
   * - `out-of-reach`: nothing was asked: the range lies before what the venue remembers, or after now
   */
  readonly outcome: 'rows' | 'nothing-there' | 'out-of-reach'
  readonly pages: number
  readonly rows: number
  /** The parts of the range that the venue does not, or not yet, give. */
  readonly unreachable: readonly TimeRange[]
}

/** What fetching a range came to. */
export interface FetchReport {
  readonly dataset: DatasetId
  readonly series: readonly SeriesReport[]
  /** Pages handed over, their rows that count, and the bytes of their bodies. */
  readonly pages: number
  readonly rows: number
  readonly bytes: number
  /** Requests in all, and those of them that tried one again. */
  readonly requests: number
  readonly retries: number
  /** Answers that gave rows of before once more instead of what was asked for. */
  readonly repeated: number
  /** Answers without a row. */
  readonly empty: number
  /** Pages that held fewer rows than asked for although more followed. */
  readonly short: number
  /** Rows that came again with a later page, or from outside of what was asked for. */
  readonly overlapping: number
  /** Rows that stood after a later one in their page. */
  readonly late: number
  /** How often, and how long in microseconds, a request waited for its budget or after a failure. */
  readonly waits: number
  readonly waited: number
}

/** The counters of a report while it is being made. */
export type FetchTally = {
  -readonly [Name in keyof FetchReport as FetchReport[Name] extends number ? Name : never]: number
}

export function newTally(): FetchTally {
  return {
    ...{ pages: 0, rows: 0, bytes: 0, requests: 0, retries: 0, repeated: 0 },
    ...{ empty: 0, short: 0, overlapping: 0, late: 0, waits: 0, waited: 0 },
  }
}
