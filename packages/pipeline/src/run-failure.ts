import type { LakeError } from '@lake/core'

/** A dataset, or a month of one, that could not be brought in. Its partitions are as they were. */
export interface RunFailure {
  readonly id: string
  /** `YYYY-MM`, when the failure concerns one month. */
  readonly month?: string | undefined
  readonly error: LakeError
}
