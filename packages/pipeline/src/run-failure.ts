import type { LakeError } from '@lake/core'

/** A dataset, a month of one, or a file, that could not be brought in. Partitions have nothing of it. */
export interface RunFailure {
  readonly id: string
  /** `YYYY-MM`, when the failure concerns one month. */
  readonly month?: string | undefined
  /** The key at the source, when the failure concerns one file: the others of its month were brought in. */
  readonly file?: string | undefined
  readonly error: LakeError
}
