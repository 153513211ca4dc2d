import { type KnownOutage, type Market, MARKETS, rangeContains } from '@lake/core'
import type { ExplainedGap } from './explain-gaps.ts'

/**
 * A list of known outages with those added that were found from silence, in order of time. What is known already is
 * not added again.
 *
 * @example
 * const known = learnOutages(adapter.outages ?? [], explainGaps(gaps, { evidence, now }), ['spot'])
 */
export function learnOutages(
  known: readonly KnownOutage[],
  explained: readonly ExplainedGap[],
  markets: readonly Market[],
): KnownOutage[] {
  const outages = [...known]
  for (const { cause, evidence, from, to } of explained) {
    const silence = evidence.find(({ kind }) => kind === 'silence')
    if (cause !== 'exchange-halt' || silence === undefined) continue
    const range = { from, to }
    const isKnown = outages.some(
      (outage) => rangeContains(outage.range, range) && markets.every((market) => outage.markets.includes(market)),
    )
    if (isKnown) continue
    const count = (silence.count ?? 0) + 1
    outages.push({
      range,
      markets: MARKETS.filter((market) => markets.includes(market)),
      evidence: `${count} symbols silent together`,
    })
  }
  return outages.sort((a, b) => a.range.from - b.range.from || a.range.to - b.range.to)
}
