import { formatInstant } from '@lake/core'
import type { LookedAcross } from '@lake/pipeline'
import { formatCount, plural } from './format-number.ts'
import type { Terminal } from './terminal.ts'

/** Prints a line for each partition that differs from its neighbour, and for each outage that was learned. */
export function printLookedAcross({ crossChecks, outages }: LookedAcross, terminal: Terminal): void {
  for (const note of crossChecks.flatMap(crossCheckNotes)) terminal.out(`note: ${note}\n`)
  for (const outage of outages) terminal.out(`note: ${outageText(outage)}\n`)
}

function crossCheckNotes({ id, reference, label, report }: LookedAcross['crossChecks'][number]): string[] {
  const { flagged, compared, limit, first } = report
  const [row] = first
  if (row === undefined) return []
  const apart = `${plural(flagged, 'row')} of ${formatCount(compared)} more than ${limit * 100} % away from ${reference}`
  return [`${id} ${label}: ${apart}, the first at ${formatInstant(row.time)}: ${row.value} and ${row.reference}`]
}

function outageText({ exchange, range: { from, to }, markets, evidence }: LookedAcross['outages'][number]): string {
  const where = `${exchange} ${markets.join(' ')}`
  return `learned an outage of ${where} from ${formatInstant(from)} to ${formatInstant(to)}: ${evidence}`
}
