import { formatInstant } from '@lake/core'
import type { ExplainedGap } from '@lake/pipeline'
import { formatCount, plural } from './format-number.ts'
import type { Terminal } from './terminal.ts'

/** How many filled gaps of a dataset are named; the rest is counted. */
const NAMED = 10

/** Prints a line for each gap that was filled, with its cause. */
export function printFilled(
  datasets: readonly { readonly id: string; readonly filled: readonly ExplainedGap[] }[],
  terminal: Terminal,
): void {
  for (const { id, filled } of datasets) {
    for (const { from, to, expected, cause, because } of filled.slice(0, NAMED)) {
      const when = `${formatInstant(from)} to ${formatInstant(to)}`
      terminal.out(`filled: ${id} ${when}, ${plural(expected, 'row')}, ${cause}: ${because}\n`)
    }
    if (filled.length > NAMED) terminal.out(`filled: ${id} and ${formatCount(filled.length - NAMED)} more\n`)
  }
}
