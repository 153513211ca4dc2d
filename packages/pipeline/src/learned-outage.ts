import type { KnownOutage } from '@lake/core'

/** An outage that a run has learned of. */
export interface LearnedOutage extends KnownOutage {
  readonly exchange: string
}
