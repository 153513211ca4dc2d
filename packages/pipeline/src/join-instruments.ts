import type { Instrument } from '@lake/core'
import type { RememberedInstrument, RememberedInstruments } from './read-instruments.ts'

/**
 * The instruments of a list, and those of earlier lists that have ended. A name that is listed again after it was gone
 * is another instrument: both are kept. Of what the venue says of a beginning only that is believed which earlier lists
 * do not contradict.
 *
 * @param now what the venue listed at `askedAt`, epoch microseconds UTC
 */
export function joinInstruments(
  before: RememberedInstruments | undefined,
  now: readonly Instrument[],
  askedAt: number,
): RememberedInstrument[] {
  const known = before?.instruments ?? []
  const bySymbol = new Map(now.map((one) => [one.symbol, one]))
  const latest = new Map<string, RememberedInstrument>()
  for (const one of known) if (endOf(one) >= endOf(latest.get(one.symbol))) latest.set(one.symbol, one)
  const ended = known.filter((one) => latest.get(one.symbol) !== one || isOver(one, bySymbol.get(one.symbol), askedAt))
  const isEnded = new Set(ended)
  const standing = new Map(known.filter((one) => !isEnded.has(one)).map((one) => [one.symbol, one]))
  const ends = new Map<string, number>()
  for (const { symbol, delistedAt = askedAt } of ended)
    ends.set(symbol, Math.max(ends.get(symbol) ?? delistedAt, Math.min(delistedAt, askedAt)))
  const dated = now.map((one): RememberedInstrument => {
    const same = standing.get(one.symbol)
    const end = ends.get(one.symbol)
    // Of a name that came back the time is known at least as well as the lake has looked.
    if (end !== undefined && (one.listedAt ?? 0) < end) return { ...one, listedAt: same?.listedAt ?? askedAt }
    const isLate = same === undefined && before !== undefined && (one.listedAt ?? 0) < before.askedAt
    const knownFrom = isLate ? askedAt : same?.knownFrom
    return knownFrom === undefined ? one : { ...one, knownFrom }
  })
  return [
    ...dated,
    ...ended.map((one) => ({
      ...one,
      status: 'delisted' as const,
      delistedAt: Math.min(one.delistedAt ?? askedAt, askedAt),
    })),
  ]
}

function endOf(one: Instrument | undefined): number {
  return one === undefined ? 0 : (one.delistedAt ?? Number.POSITIVE_INFINITY)
}

/** True for an instrument that is no more: it is not listed, or what is listed under its name is another one. */
function isOver({ status, delistedAt }: Instrument, listed: Instrument | undefined, askedAt: number): boolean {
  if (listed === undefined) return true
  if (delistedAt === undefined) return false
  return delistedAt <= (listed.listedAt ?? askedAt) || (status === 'delisted' && listed.status !== 'delisted')
}
