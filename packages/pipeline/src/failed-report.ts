import { formatInstant } from '@lake/core'
import type { StandingFailure } from './standing-failures.ts'

/** A month, or one file of it, that could not be brought in. */
export interface FailedReport {
  /** `YYYY-MM` */
  readonly month: string
  /** The key at the source, when it is one file; `null` when it is the month. */
  readonly file: string | null
  /** The code and the message of the error. */
  readonly reason: string
  /** When it first failed so, ISO 8601. */
  readonly since: string
}

export function failedReport({ month, file, code, message, failedAt }: StandingFailure): FailedReport {
  return { month, file: file ?? null, reason: `${code}: ${message}`, since: formatInstant(failedAt) }
}
