import type { RunProgress } from './run-report.ts'

export interface RunOptions {
  /** Stops between two steps; what is committed stays, and the next run goes on from there. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: RunProgress) => void) | undefined
}
