import { canonicalJson, type Instrument, type Market, type ObjectStore, parsePeriod } from '@lake/core'
import { fetchInstruments } from '@lake/ingest-ccxt'
import { listSourceDatasets, readSourceRecords } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { instrumentsKey, readInstruments } from './read-instruments.ts'
import { openVenues } from './venues.ts'

/** An instrument as the venue lists it and as its archive shows it. Times are epoch microseconds UTC. */
export interface ListedSymbol extends Instrument {
  /** Whether the venue lists it now; `undefined` when nobody has ever asked. */
  readonly isListed: boolean | undefined
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
 * twice. The symbols are in code-unit order.
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
  let listed: ReadonlySet<string> | undefined =
    before === undefined
      ? undefined
      : new Set(known.filter(({ delistedAt }) => delistedAt === undefined).map(({ symbol }) => symbol))
  if (ask) {
    await using venues = openVenues(lake.venues, lake.now)
    const now = await fetchInstruments({ ...venues.access(exchange), adapter, market, signal })
    listed = new Set(now.map(({ symbol }) => symbol))
    const askedAt = lake.now()
    known = withEnded(known, now, askedAt)
    const text = canonicalJson({ format: 1, instruments: known, askedAt }, 1)
    await lake.store.put(instrumentsKey({ exchange, market }), new TextEncoder().encode(`${text}\n`))
  }
  const spans = await archiveSpans(lake, exchange, market, signal)
  const status = listed === undefined ? 'unknown' : 'delisted'
  const named = new Set(known.map(({ symbol }) => symbol))
  const archived = [...spans.keys()].filter((symbol) => !named.has(symbol))
  const all: Instrument[] = [...known, ...archived.map((symbol) => ({ symbol, market, status }) as const)]
  return all
    .sort((a, b) => compareText(a.symbol, b.symbol) || (a.listedAt ?? 0) - (b.listedAt ?? 0))
    .map((one) => ({
      ...one,
      isListed: listed === undefined ? undefined : one.delistedAt === undefined && listed.has(one.symbol),
      ...(spans.get(one.symbol) ?? {}),
    }))
}

/**
 * The instruments of a list and those that were known before and have ended. A name that is listed again after it was
 * gone is another instrument: both are kept.
 */
function withEnded(known: readonly Instrument[], now: readonly Instrument[], askedAt: number): Instrument[] {
  const bySymbol = new Map(now.map((one) => [one.symbol, one]))
  const isOver = ({ symbol, delistedAt }: Instrument): boolean => {
    const { listedAt = askedAt } = bySymbol.get(symbol) ?? {}
    return !bySymbol.has(symbol) || (delistedAt !== undefined && delistedAt <= listedAt)
  }
  const ended = known
    .filter(isOver)
    .map((one) => ({ ...one, status: 'delisted' as const, delistedAt: one.delistedAt ?? askedAt }))
  const again = new Map(known.filter(({ delistedAt }) => delistedAt === undefined).map((one) => [one.symbol, one]))
  const isReused = new Set(ended.map(({ symbol }) => symbol))
  // Of a name that came back the time is known at least as well as the lake has looked.
  const dated = now.map((one) =>
    one.listedAt === undefined && isReused.has(one.symbol)
      ? { ...one, listedAt: again.get(one.symbol)?.listedAt ?? askedAt }
      : one,
  )
  return [...dated, ...ended]
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

interface ArchiveSpan {
  readonly archiveFrom: number
  readonly archiveTo: number
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
      const known = spans.get(dataset.symbol) ?? { archiveFrom: from, archiveTo: to }
      spans.set(dataset.symbol, {
        archiveFrom: Math.min(known.archiveFrom, from),
        archiveTo: Math.max(known.archiveTo, to),
      })
    }
  }
  return spans
}
