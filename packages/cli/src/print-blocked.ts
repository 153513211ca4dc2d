import type { BlockedReport } from '@lake/pipeline'
import type { Terminal } from './terminal.ts'

/** A dataset, and its partitions whose newest state is not published. */
export interface BlockedDataset {
  readonly id: string
  readonly blocked: readonly BlockedReport[]
}

/** Says which partitions failed a check, one a line. */
export function printBlocked(datasets: readonly BlockedDataset[], terminal: Terminal): void {
  for (const { id, blocked } of datasets) {
    for (const { label, reason, since } of blocked) {
      terminal.out(`blocked: ${id} ${label} since ${since}: ${reason} What was published before stays.\n`)
    }
  }
}
