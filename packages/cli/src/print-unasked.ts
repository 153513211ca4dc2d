import type { UnaskedOfVenue } from '@lake/pipeline'
import { plural } from './format-number.ts'
import type { Terminal } from './terminal.ts'

/** Says in a line for each venue which gaps it was not asked for, why, and how to go on. */
export function printUnasked(venues: readonly UnaskedOfVenue[], terminal: Terminal): void {
  for (const { exchange, gaps, rows, reason, why } of venues) {
    const what = `${plural(gaps, 'gap')} (${plural(rows, 'row')})`
    terminal.out(`left: ${what} not asked of ${exchange}: ${WHY[reason] ?? why} Go on with lake heal.\n`)
  }
}

const WHY: Partial<Record<UnaskedOfVenue['reason'], string>> = {
  budget: 'as much was asked for as fits in passing.',
  UNAVAILABLE: 'it could not be reached, or gave no answer that can be used.',
  BLOCKED_REGION: 'it does not serve this region.',
  RATE_LIMITED: 'it asks for a pause.',
}
