import type { ExplainedGap } from './explain-gaps.ts'
import type { KnownOutage } from './gap-evidence.ts'

/**
 * A list of known outages with those added that were found from silence, in order of time; what overlaps or touches
 * becomes one. A reason is kept, that of the earlier outage first.
 *
 * @example
 * const known = learnOutages(outages, explainGaps(gaps, { evidence, now }))
 */
export function learnOutages(known: readonly KnownOutage[], explained: readonly ExplainedGap[]): KnownOutage[] {
  const found: KnownOutage[] = explained
    .filter(({ cause, evidence }) => cause === 'exchange-halt' && evidence.some(({ kind }) => kind === 'silence'))
    .map(({ from, to }) => ({ from, to }))
  const outages: KnownOutage[] = []
  for (const outage of [...known, ...found].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const last = outages.at(-1)
    if (last === undefined || outage.from > last.to) {
      outages.push(outage)
      continue
    }
    const reason = last.reason ?? outage.reason
    const united = { from: last.from, to: Math.max(last.to, outage.to) }
    outages[outages.length - 1] = reason === undefined ? united : { ...united, reason }
  }
  return outages
}
