import { type Instrument, LakeError, type Market, type ObjectStore, readObject } from '@lake/core'
import * as z from 'zod'

/** An instrument as a lake remembers it. */
export interface RememberedInstrument extends Instrument {
  /** When the venue was first found to list it, where a list after its `listedAt` did not have it; epoch microseconds UTC. */
  readonly knownFrom?: number | undefined
}

/** What a venue answered when it was asked last, and what it had listed before. */
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

interface InstrumentsOf {
  readonly exchange: string
  readonly market: Market
}

/** Where a lake keeps the instruments of a venue's market. */
export function instrumentsKey({ exchange, market }: InstrumentsOf): string {
  return `_lake/instruments/${exchange}/${market}.json`
}

/**
 * The instruments of a market as `listSymbols` remembered them; `undefined` when the venue was never asked.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when they cannot be read.
 */
export async function readInstruments(
  store: ObjectStore,
  market: InstrumentsOf,
): Promise<RememberedInstruments | undefined> {
  const key = instrumentsKey(market)
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
