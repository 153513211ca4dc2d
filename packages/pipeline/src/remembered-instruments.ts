import { canonicalJson, type Instrument, LakeError, type Market, type ObjectStore, readObject } from '@lake/core'
import * as z from 'zod'

/** An instrument as a lake remembers it. */
export interface RememberedInstrument extends Instrument {
  /** When the venue was first found to list it, where a list after its `listedAt` did not have it; epoch microseconds UTC. */
  readonly knownFrom?: number | undefined
}

/** What a venue listed in a market when it was last asked, and what it listed before. */
export interface RememberedInstruments {
  readonly instruments: readonly RememberedInstrument[]
  /** Epoch microseconds UTC. */
  readonly askedAt: number
}

const instrument: z.ZodType<RememberedInstrument> = z.object({
  symbol: z.string().min(1),
  market: z.enum(['spot', 'um', 'cm', 'option']),
  base: z.string().optional(),
  quote: z.string().optional(),
  contractSize: z.number().optional(),
  status: z.enum(['trading', 'halted', 'delisted', 'unknown']),
  listedAt: z.number().optional(),
  delistedAt: z.number().optional(),
  knownFrom: z.number().optional(),
})

const remembered = z.strictObject({ format: z.literal(1), instruments: z.array(instrument), askedAt: z.int() })

/**
 * What a lake remembers of a venue's list; `undefined` when nobody has asked yet.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readInstruments(
  store: ObjectStore,
  exchange: string,
  market: Market,
): Promise<RememberedInstruments | undefined> {
  const key = keyOf(exchange, market)
  try {
    return remembered.parse(JSON.parse(new TextDecoder().decode(await readObject(store, key))))
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    if (LakeError.is(error)) throw error
    throw new LakeError('CORRUPT_LAKE', `${key} cannot be read. Delete it, and ask the venue again.`, {
      cause: error,
      details: { key },
    })
  }
}

export async function writeInstruments(
  store: ObjectStore,
  exchange: string,
  market: Market,
  { instruments, askedAt }: RememberedInstruments,
): Promise<void> {
  const text = canonicalJson({ format: 1, instruments, askedAt }, 1)
  await store.put(keyOf(exchange, market), new TextEncoder().encode(`${text}\n`))
}

function keyOf(exchange: string, market: Market): string {
  return `_lake/instruments/${exchange}/${market}.json`
}

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
