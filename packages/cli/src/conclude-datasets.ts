import type { RestatedPartition, RunFailure } from '@lake/pipeline'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { withJsonRestated } from './json-restated.ts'
import { type BlockedDataset, printBlocked } from './print-blocked.ts'
import { reportError } from './report-error.ts'
import type { Terminal } from './terminal.ts'

interface ConcludedDataset extends BlockedDataset {
  readonly restated?: readonly RestatedPartition[] | undefined
}

/** What a command did to datasets, each on its own, and what failed. */
export interface DatasetsReport {
  readonly datasets: readonly ConcludedDataset[]
  readonly failures: readonly RunFailure[]
}

export interface ConcludeOptions {
  readonly terminal: Terminal
  readonly json: boolean
  /** True when something is left to do though nothing failed. */
  readonly isPartial?: boolean | undefined
}

/** Prints the JSON document, or the failures for people, and gives the exit code. */
export function concludeDatasets(
  { datasets, failures, ...told }: DatasetsReport,
  { terminal, json, isPartial = false }: ConcludeOptions,
): number {
  const [first] = failures
  if (first !== undefined && datasets.length === 0) {
    for (const { error } of json ? [first] : failures) reportError(error, { terminal, json })
    return exitCodeOf(first.error.code)
  }
  if (json) {
    const failed = failures.map(({ id, month, file, error: { code, message, details } }) => ({
      id,
      month,
      file,
      code,
      message,
      details,
    }))
    terminal.out(`${JSON.stringify({ datasets: datasets.map(withJsonRestated), ...told, failures: failed })}\n`)
  } else {
    printBlocked(datasets, terminal)
    for (const { error } of failures) reportError(error, { terminal, json })
  }
  const isBlocked = datasets.some(({ blocked }) => blocked.length > 0)
  return first === undefined && !isPartial && !isBlocked ? EXIT.complete : EXIT.partial
}
