import type { TimeRange } from './time-range.ts'
import type { Market } from './vocabulary.ts'

/** A time in which nothing of a venue's markets traded, by its own word or by the data of all its symbols. */
export interface KnownOutage {
  readonly range: TimeRange
  readonly markets: readonly Market[]
  /** Where that is known from. */
  readonly evidence: string
}
