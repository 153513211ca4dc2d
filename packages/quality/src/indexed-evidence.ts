import { DAY_MICROS, type KnownOutage, type TimeRange } from '@lake/core'
import type { FileEvidence, GapEvidence, RunEvidence, SeriesEvidence } from './gap-evidence.ts'
import { silenceOfAll } from './silence-of-all.ts'
import { type Spans, subtractSpans, uniteSpans } from './spans.ts'

/** How long after the end of its period a file may still come, in microseconds. */
export interface PublicationDelay {
  /** Default: 3 days. */
  readonly day?: number | undefined
  /** Default: 35 days. */
  readonly month?: number | undefined
}

/** A series as spans. */
interface IndexedSeries<S extends SeriesEvidence> {
  readonly series: S
  readonly covered: Spans
  /** Where it has rows. */
  readonly active: Spans
}

/** Evidence made ready for many questions. */
export interface IndexedEvidence {
  readonly evidence: GapEvidence
  /** When the instrument was listed; `undefined` when nobody says. */
  readonly listed: Spans | undefined
  readonly outages: Spans
  readonly knownOutages: readonly KnownOutage[]
  /** Where all other symbols at hand are silent, and where one of them is not. */
  readonly silence: Spans
  readonly trading: Spans
  readonly others: readonly IndexedSeries<SeriesEvidence>[]
  readonly siblings: readonly IndexedSeries<NonNullable<GapEvidence['siblings']>[number]>[]
  readonly sources: readonly IndexedSeries<NonNullable<GapEvidence['sources']>[number]>[]
  /** What trades say, see `TradeEvidence`. */
  readonly quiet: Spans
  readonly idsMissing: Spans
  readonly traded: Spans
  readonly failures: readonly RunEvidence[]
  readonly refusals: readonly RunEvidence[]
  readonly heldFiles: readonly FileEvidence[]
  readonly dueFiles: readonly FileEvidence[]
  readonly overdueFiles: readonly FileEvidence[]
  /** Everything whose ends may divide a gap. */
  readonly dividers: readonly Spans[]
}

/** Sorts evidence once, so that each gap costs a few binary searches. */
export function indexEvidence(evidence: GapEvidence, now: number, delay: PublicationDelay): IndexedEvidence {
  const {
    listings = [],
    others = [],
    siblings = [],
    sources = [],
    trades,
    files = [],
    runs = [],
    outages = [],
  } = evidence
  const delays = { day: delay.day ?? 3 * DAY_MICROS, month: delay.month ?? 35 * DAY_MICROS }
  const { market } = evidence
  const known = outages.filter(({ markets }) => market === undefined || markets.includes(market))
  const isDue = ({ to, period }: FileEvidence): boolean => to + delays[period] > now
  const absent = files.filter(({ state }) => state === 'absent')
  const listed = uniteSpans(listings.map(({ from, to = Number.POSITIVE_INFINITY }) => ({ from, to })))
  const indexedOthers = others.map(indexSeries)
  const { silence, trading } = silenceOfAll(indexedOthers)
  const indexed = {
    evidence,
    listed: listed.from.length === 0 ? undefined : listed,
    outages: uniteSpans(known.map(({ range }) => range)),
    knownOutages: known,
    silence,
    trading,
    others: indexedOthers,
    siblings: siblings.map(indexSeries),
    sources: sources.map(indexSeries),
    quiet: uniteSpans(trades?.quiet ?? []),
    idsMissing: uniteSpans(trades?.missing ?? []),
    traded: uniteSpans(trades?.traded ?? []),
    failures: runs.filter(({ outcome }) => outcome === 'failed'),
    refusals: runs.filter(({ outcome }) => outcome === 'refused'),
    heldFiles: files.filter(({ state }) => state === 'held'),
    dueFiles: absent.filter(isDue),
    overdueFiles: absent.filter((file) => !isDue(file)),
  }
  const dividers = [
    ...(indexed.listed === undefined ? [] : [indexed.listed]),
    ...[indexed.outages, silence, trading, indexed.quiet, indexed.idsMissing, indexed.traded],
    ...[...indexed.siblings, ...indexed.sources].flatMap(({ covered, active }) => [covered, active]),
    ...dividersOf(files),
    ...dividersOf(runs),
  ]
  return { ...indexed, dividers }
}

function indexSeries<S extends SeriesEvidence>(series: S): IndexedSeries<S> {
  const covered = uniteSpans(series.covered)
  return { series, covered, active: subtractSpans(covered, series.gaps) }
}

/** Files of days would unite to one span and hide where each begins: every second one stands apart. */
function dividersOf(ranges: readonly TimeRange[]): Spans[] {
  const sorted = [...ranges].sort((a, b) => a.from - b.from)
  return [0, 1].map((parity) => uniteSpans(sorted.filter((_, index) => index % 2 === parity)))
}
