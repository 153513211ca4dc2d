import type { RestatedPartition } from '@lake/pipeline'
import { restatementText } from './restatement-text.ts'
import type { Terminal } from './terminal.ts'

/** Prints a line for each partition whose rows are no more what they were. */
export function printRestated(
  datasets: readonly { readonly restated: readonly RestatedPartition[] }[],
  terminal: Terminal,
): void {
  for (const one of datasets.flatMap(({ restated }) => restated)) terminal.out(`restated: ${restatementText(one)}\n`)
}
