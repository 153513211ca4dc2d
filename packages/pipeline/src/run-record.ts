import type { RunFailure } from './run-failure.ts'

interface ReportWithFailures extends Readonly<Record<string, unknown>> {
  readonly failures: readonly RunFailure[]
}

/** What a run did, as plain JSON for `_lake/runs/`. */
export function runRecord(
  command: 'run' | 'heal' | 'update' | 'record' | 'quarantine',
  { failures, ...report }: ReportWithFailures,
): Record<string, unknown> {
  const told = failures.map(({ id, month, error: { code, message } }) => ({ id, month, code, message }))
  return { command, ...report, failures: told }
}
