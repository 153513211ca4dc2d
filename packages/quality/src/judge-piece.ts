import { formatInstant, rangesOverlap, type RowSource, type TimeRange } from '@lake/core'
import type { GapCause, GapFiller } from './gap-evidence.ts'
import type { IndexedEvidence } from './indexed-evidence.ts'
import { covers, touches } from './spans.ts'
import { floatAt } from './value-at.ts'

/** A fact that a cause rests on, as plain JSON. */
export interface GapFact {
  readonly kind:
    | 'listing'
    | 'clock'
    | 'run'
    | 'outage'
    | 'silence'
    | 'trading'
    | 'trade-ids'
    | 'trades'
    | 'sibling'
    | 'source'
    | 'file'
  /** What says it: symbols, intervals, files, sources; at most five of them. */
  readonly names?: readonly string[] | undefined
  /** How many say it. */
  readonly count?: number | undefined
  /** When it was, or will be. */
  readonly at?: number | undefined
}

/** What is known about a gap. */
export interface GapFinding {
  readonly cause: GapCause
  /** The reason in words. */
  readonly because: string
  readonly evidence: readonly GapFact[]
  /** What could supply the rows, the surest first; nothing where they never existed. */
  readonly fillableBy: readonly GapFiller[]
}

const SHOWN = 5

/** The finding for a stretch within which no evidence begins or ends. */
export function judgePiece(piece: TimeRange, indexed: IndexedEvidence, now: number): GapFinding {
  return (
    unlisted(piece, indexed) ??
    future(piece, indexed, now) ??
    failed(piece, indexed) ??
    halted(piece, indexed) ??
    unpublished(piece, indexed) ??
    missing(piece, indexed) ??
    undecided(piece, indexed)
  )
}

function unlisted(piece: TimeRange, { listed }: IndexedEvidence): GapFinding | undefined {
  if (listed === undefined || touches(listed, piece)) return undefined
  const first = floatAt(listed.from, 0)
  const last = floatAt(listed.to, listed.to.length - 1)
  if (piece.to <= first) {
    const because = `The instrument was first listed at ${formatInstant(first)}.`
    return { cause: 'before-listing', because, evidence: [{ kind: 'listing', at: first }], fillableBy: [] }
  }
  const isLast = last <= piece.from
  return {
    cause: 'after-delisting',
    because: isLast
      ? `The instrument was delisted at ${formatInstant(last)}.`
      : 'The instrument was delisted, and listed again only later.',
    evidence: [isLast ? { kind: 'listing', at: last } : { kind: 'listing' }],
    fillableBy: [],
  }
}

function future(piece: TimeRange, { evidence }: IndexedEvidence, now: number): GapFinding | undefined {
  if (piece.to <= now) return undefined
  return {
    cause: 'not-published-yet',
    because: `Its rows end after now, ${formatInstant(now)}.`,
    evidence: [{ kind: 'clock', at: now }],
    fillableBy: evidence.askable ?? ['archive', 'rest'],
  }
}

function failed(piece: TimeRange, { failures }: IndexedEvidence): GapFinding | undefined {
  const own = failures.filter((run) => rangesOverlap(run, piece))
  const last = own.reduce<(typeof own)[number] | undefined>(
    (a, b) => (a === undefined || b.at >= a.at ? b : a),
    undefined,
  )
  if (last === undefined) return undefined
  return {
    cause: 'failed-here',
    because: `An own run failed on it at ${formatInstant(last.at)}: ${last.reason}`,
    evidence: [{ kind: 'run', names: [last.source], count: own.length, at: last.at }],
    fillableBy: [...new Set(own.map(({ source }) => source))],
  }
}

function halted(piece: TimeRange, indexed: IndexedEvidence): GapFinding | undefined {
  const { outages, knownOutages, silence, others } = indexed
  if (happenings(piece, indexed).length > 0) return undefined
  const facts: GapFact[] = []
  const words: string[] = []
  if (covers(outages, piece)) {
    const known = knownOutages.filter(({ range }) => rangesOverlap(range, piece))
    facts.push({ kind: 'outage', names: known.slice(0, SHOWN).map(({ evidence }) => evidence), count: known.length })
    words.push(`The outage is known: ${known[0]?.evidence ?? ''}.`)
  }
  if (covers(silence, piece)) {
    const names = others.filter(({ covered }) => touches(covered, piece)).map(({ series }) => series.name)
    facts.push({ kind: 'silence', names: names.slice(0, SHOWN), count: names.length })
    words.push(
      `${names.length === 1 ? 'The other symbol' : `All ${names.length} other symbols`} of the venue at hand had no rows either.`,
    )
  }
  if (facts.length === 0) return undefined
  if (covers(indexed.quiet, piece)) {
    facts.push({ kind: 'trade-ids' })
    words.push('No trade id is missing across it.')
  }
  return { cause: 'exchange-halt', because: words.join(' '), evidence: facts, fillableBy: [] }
}

function unpublished(piece: TimeRange, indexed: IndexedEvidence): GapFinding | undefined {
  const files = indexed.dueFiles.filter((file) => rangesOverlap(file, piece))
  const [file] = files
  if (file === undefined) return undefined
  return {
    cause: 'not-published-yet',
    because: `${file.name} is absent and may still come: its ${file.period} ended at ${formatInstant(file.to)}.`,
    evidence: [{ kind: 'file', names: namesOf(files), count: files.length, at: file.to }],
    fillableBy: fillersOf(piece, indexed),
  }
}

function missing(piece: TimeRange, indexed: IndexedEvidence): GapFinding | undefined {
  const facts = happenings(piece, indexed)
  const words = facts.map(wordsOf)
  const overdue = indexed.overdueFiles.filter((file) => rangesOverlap(file, piece))
  const held = indexed.heldFiles.filter((file) => rangesOverlap(file, piece))
  if (touches(indexed.trading, piece) && held.length > 0) {
    const names = indexed.others.filter(({ active }) => touches(active, piece)).map(({ series }) => series.name)
    facts.push({ kind: 'trading', names: names.slice(0, SHOWN), count: names.length })
    words.push(`Other symbols of the venue have rows (${names.length}), and ${held[0]?.name ?? ''} does not.`)
  }
  if (overdue.length > 0) {
    facts.push({ kind: 'file', names: namesOf(overdue), count: overdue.length, at: overdue[0]?.to })
    words.push(`${overdue[0]?.name ?? ''} is absent and long due.`)
  }
  if (facts.length === 0) return undefined
  return {
    cause: 'missing-at-source',
    because: words.join(' '),
    evidence: facts,
    fillableBy: covers(indexed.quiet, piece) ? [] : fillersOf(piece, indexed),
  }
}

function undecided(piece: TimeRange, indexed: IndexedEvidence): GapFinding {
  const isQuiet = covers(indexed.quiet, piece)
  return {
    cause: 'unknown',
    because: isQuiet
      ? 'No trade id is missing across it, so nothing was traded; whether the venue was halted is not known.'
      : 'Nothing at hand decides between a halt of the venue and a hole in its data.',
    evidence: isQuiet ? [{ kind: 'trade-ids' }] : [],
    fillableBy: isQuiet ? [] : fillersOf(piece, indexed),
  }
}

/** What says that something happened in a stretch, so that rows of it must have existed. */
function happenings(piece: TimeRange, { siblings, sources, idsMissing, traded }: IndexedEvidence): GapFact[] {
  const facts: GapFact[] = []
  if (touches(idsMissing, piece)) facts.push({ kind: 'trade-ids' })
  if (touches(traded, piece)) facts.push({ kind: 'trades' })
  const active = siblings.filter((sibling) => touches(sibling.active, piece)).map(({ series }) => series.name)
  if (active.length > 0) facts.push({ kind: 'sibling', names: active.slice(0, SHOWN), count: active.length })
  const having = sources.filter((source) => touches(source.active, piece)).map(({ series }) => series.name)
  if (having.length > 0) facts.push({ kind: 'source', names: having.slice(0, SHOWN), count: having.length })
  return facts
}

function wordsOf({ kind, names = [] }: GapFact): string {
  if (kind === 'trade-ids') return 'Trade ids are missing across it, so there were trades.'
  if (kind === 'trades') return 'There are trades in it.'
  return `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} rows there.`
}

/** What is known to have the rows, then the sources that nobody knows to lack them. */
function fillersOf(piece: TimeRange, indexed: IndexedEvidence): GapFiller[] {
  const { evidence, siblings, sources, refusals, heldFiles, overdueFiles, traded } = indexed
  const lacking = new Set<RowSource>(
    [...refusals, ...heldFiles, ...overdueFiles]
      .filter((range) => rangesOverlap(range, piece))
      .map(({ source }) => source),
  )
  const having: GapFiller[] = sources.filter(({ active }) => touches(active, piece)).map(({ series }) => series.source)
  if (siblings.some(({ series, active }) => series.isFiner && covers(active, piece))) having.push('finer-bars')
  if (covers(traded, piece)) having.push('trades')
  const askable = (evidence.askable ?? ['archive', 'rest']).filter((source) => !lacking.has(source))
  return [...new Set([...having, ...askable])]
}

function namesOf(files: readonly { readonly name: string }[]): string[] {
  return files.slice(0, SHOWN).map(({ name }) => name)
}
