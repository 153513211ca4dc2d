import type { KnownOutage, Market, RowSource, TimeRange } from '@lake/core'

/** Why expected rows are absent. The list is closed. */
export const GAP_CAUSES = [
  'before-listing',
  'after-delisting',
  'exchange-halt',
  'not-published-yet',
  'missing-at-source',
  'failed-here',
  'unknown',
] as const

/**
 * Why expected rows are absent.
 *
 * | cause | meaning |
 * |---|---|
 * | `before-listing`, `after-delisting` | the instrument did not exist |
 * | `exchange-halt` | all symbols of the venue were silent together, or the outage is known |
 * | `not-published-yet` | the file is not due yet, or the time has not come |
 * | `missing-at-source` | something happened then, or the file is overdue, and the source does not have it |
 * | `failed-here` | our own run failed on it |
 * | `unknown` | nothing at hand decides |
 */
export type GapCause = (typeof GAP_CAUSES)[number]

/** What can supply rows: a source that is asked, or rows of another kind that the lake holds. */
export type GapFiller = RowSource | 'trades' | 'finer-bars'

/** A stretch of time in which an instrument could be traded; without `to`, it still can. */
export interface Listing {
  readonly from: number
  readonly to?: number | undefined
}

/** What is known of another series: where its rows were looked for, and where they are absent. */
export interface SeriesEvidence {
  /** The symbol, interval or source. */
  readonly name: string
  /** Where data was at hand to look into; nothing is claimed elsewhere. */
  readonly covered: readonly TimeRange[]
  readonly gaps: readonly TimeRange[]
}

/** The same symbol's bars of another interval. */
export interface SiblingEvidence extends SeriesEvidence {
  /** True when the bars that are missing can be made of these. */
  readonly isFiner: boolean
}

/** The same rows from another source. */
export interface SourceEvidence extends SeriesEvidence {
  readonly source: RowSource
}

/** What the symbol's trades say about stretches of time, as `tradesAcross` finds it. */
export interface TradeEvidence {
  /** No trade lies there, and no id is missing across it: nothing happened. */
  readonly quiet: readonly TimeRange[]
  /** No trade lies there, but ids are missing across it: something happened. */
  readonly missing: readonly TimeRange[]
  /** Trades lie there. */
  readonly traded: readonly TimeRange[]
}

/** A file that should hold the rows. */
export interface FileEvidence extends TimeRange {
  readonly name: string
  readonly source: RowSource
  readonly period: 'day' | 'month'
  /** `held`: read, and what it has is in the table. `absent`: the source does not list it. */
  readonly state: 'held' | 'absent'
}

/** What an own run met with. */
export interface RunEvidence extends TimeRange {
  /** When, epoch microseconds UTC. */
  readonly at: number
  readonly source: RowSource
  /** `failed`: an error, worth trying again. `refused`: the source said that it has no such rows. */
  readonly outcome: 'failed' | 'refused'
  readonly reason: string
}

/** All that may explain a gap, as plain data; what is absent is not known. */
export interface GapEvidence {
  readonly listings?: readonly Listing[] | undefined
  /** Other symbols of the same venue and market. */
  readonly others?: readonly SeriesEvidence[] | undefined
  readonly siblings?: readonly SiblingEvidence[] | undefined
  readonly sources?: readonly SourceEvidence[] | undefined
  readonly trades?: TradeEvidence | undefined
  readonly files?: readonly FileEvidence[] | undefined
  readonly runs?: readonly RunEvidence[] | undefined
  /** Known outages of the venue, as its adapter and earlier runs have them. */
  readonly outages?: readonly KnownOutage[] | undefined
  /** The market of the gaps: outages of other markets explain nothing. Default: all outages are meant. */
  readonly market?: Market | undefined
  /** Sources that can be asked for such rows at all. Default: archive and rest. */
  readonly askable?: readonly RowSource[] | undefined
}
