import { canonicalJson, type Market, parsePeriod } from '@lake/core'
import { fetchInstruments } from '@lake/ingest-ccxt'
import { listSourceDatasets, readSourceRecords } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { joinInstruments } from './join-instruments.ts'
import { instrumentsKey, readInstruments, type RememberedInstrument } from './read-instruments.ts'
import { openVenues } from './venues.ts'

/** An instrument as the venue lists it and as its archive shows it. Times are epoch microseconds UTC. */
export interface ListedSymbol extends RememberedInstrument {
  /** Whether the venue lists it now; `undefined` when nobody has ever asked. */
  readonly isListed: boolean | undefined
  /**
   * Since when one could know of it, where that is not `listedAt`. Of what the archive alone dates, the end of the first
   * period that it has a file of: somewhere in it trading began. Of a date that the venue gives, and that an earlier list
   * without the symbol contradicts, the end of that period too, or else the time of the first list that has it.
   */
  readonly knownFrom?: number | undefined
  /** The first and last instant of the files that the archive was seen to have; absent when it was not looked at. */
  readonly archiveFrom?: number | undefined
  readonly archiveTo?: number | undefined
}

export interface SymbolsRequest {
  readonly exchange: string
  readonly market: Market
  /** Asks the venue, and remembers the answer in the lake; otherwise the last answer counts. True when absent. */
  readonly ask?: boolean | undefined
}

/**
 * What a venue trades in a market and what it traded once: its own list, and the symbols that the lake's inventory of
 * the archive has (see `discoverSource`). Whatever the venue listed at an earlier time and lists no more is kept, with
 * `delistedAt` as it said, or else the time at which it was first found to be gone; a name that came back is there
 * twice, also where the venue says that it was never gone. What was settled and moved to another name is known by the
 * name of today, as the archive spells it (`BNXUSDTSETTLED`). The symbols are in code-unit order.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the adapter knows no list of instruments and `ask` is not false, what
 * asking throws, and `CORRUPT_LAKE` when what was remembered cannot be read.
 *
 * @example
 * for (const { symbol, status } of await listSymbols(lake, { exchange: 'binance', market: 'um' })) console.log(symbol, status)
 */
export async function listSymbols(
  lake: Lake,
  { exchange, market, ask = true }: SymbolsRequest,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly ListedSymbol[]> {
  const adapter = lake.exchange(exchange)
  const before = await readInstruments(lake.store, { exchange, market })
  let known = before?.instruments ?? []
  let askedAt = before?.askedAt
  let listed: ReadonlySet<string> | undefined =
    before && new Set(known.filter(({ delistedAt = ALWAYS }) => delistedAt > before.askedAt).map(symbolOf))
  if (ask) {
    await using venues = openVenues(lake.venues, lake.now)
    const now = await fetchInstruments({ ...venues.access(exchange), adapter, market, signal })
    listed = new Set(now.map(symbolOf))
    askedAt = lake.now()
    known = joinInstruments(before, now, askedAt)
    const text = canonicalJson({ format: 1, instruments: known, askedAt }, 1)
    await lake.store.put(instrumentsKey({ exchange, market }), new TextEncoder().encode(`${text}\n`))
  }
  const spans = await archiveSpans(lake, exchange, market, signal)
  const status = listed === undefined ? 'unknown' : 'delisted'
  const named = new Set(known.map(symbolOf))
  const archived = [...spans.keys()].filter((symbol) => !named.has(symbol))
  const all: RememberedInstrument[] = [...known, ...archived.map((symbol) => ({ symbol, market, status }) as const)]
  return all
    .sort((a, b) => compareText(a.symbol, b.symbol) || (a.listedAt ?? 0) - (b.listedAt ?? 0))
    .map(({ knownFrom, ...one }) => {
      const { filed, ...archive } = spans.get(one.symbol) ?? {}
      const isListed = listed && (one.delistedAt ?? ALWAYS) > (askedAt ?? 0) && listed.has(one.symbol)
      return { ...one, ...archive, ...knownSince(one.listedAt, knownFrom, filed), isListed }
    })
}

const ALWAYS = Number.POSITIVE_INFINITY

function symbolOf({ symbol }: { readonly symbol: string }): string {
  return symbol
}

/**
 * @param contradicted when the venue was first found to have it, after a list without it
 * @param filed the end of the first period that the archive has a file of
 */
function knownSince(
  listedAt: number | undefined,
  contradicted: number | undefined,
  filed: number | undefined,
): Pick<ListedSymbol, 'knownFrom'> {
  if (listedAt === undefined) {
    const knownFrom = filed ?? contradicted
    return knownFrom === undefined ? {} : { knownFrom }
  }
  if (contradicted === undefined) return {}
  // A file of it proves that it was traded, whatever a list said.
  const knownFrom = Math.min(contradicted, filed ?? ALWAYS)
  return knownFrom > listedAt ? { knownFrom } : {}
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

interface ArchiveSpan {
  readonly archiveFrom: number
  readonly archiveTo: number
  /** The earliest end of the period of a file. */
  readonly filed: number
}

async function archiveSpans(
  lake: Lake,
  exchange: string,
  market: Market,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ArchiveSpan>> {
  const spans = new Map<string, ArchiveSpan>()
  for await (const dataset of listSourceDatasets(lake.store, exchange, { signal })) {
    if (dataset.market !== market) continue
    for (const { label } of await readSourceRecords(lake.store, dataset, { signal })) {
      const { from, to } = parsePeriod(label)
      const known = spans.get(dataset.symbol) ?? { archiveFrom: from, archiveTo: to, filed: to }
      spans.set(dataset.symbol, {
        archiveFrom: Math.min(known.archiveFrom, from),
        archiveTo: Math.max(known.archiveTo, to),
        filed: Math.min(known.filed, to),
      })
    }
  }
  return spans
}
