import type { LakeError } from '@lake/core'

/** What the datasets of a job share while they are healed. */
export interface HealShare {
  /** How many gaps may still be asked for, and how many rows of them. */
  gaps: number
  rows: number
  /** Why venues are not asked any more in this job, by exchange. */
  readonly walls: Map<string, LakeError>
}

/** The gaps that a run or an update asks for when it is not told how many. */
const RUN_BUDGET = 100

/** A page of most venues. */
const ROWS_OF_A_GAP = 1000

/**
 * What a job may ask for that has another purpose: so many gaps, and as many thousands of rows, over all datasets. That
 * is as many requests, and some seconds.
 */
export function shareInPassing(gaps: number = RUN_BUDGET): HealShare {
  return { gaps, rows: gaps * ROWS_OF_A_GAP, walls: new Map() }
}
