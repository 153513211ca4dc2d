import { type Interval, INTERVALS, type Market } from '@lake/core'
import * as z from 'zod'
import type { CcxtQuirks } from './ccxt-quirks.ts'

/** What ccxt says that a kind of market can. */
export interface CcxtMethods {
  readonly fetchOHLCV?: { readonly limit?: number | undefined } | null | undefined
  readonly fetchTrades?: { readonly limit?: number | undefined } | null | undefined
}

interface CcxtContracts {
  readonly linear?: CcxtMethods | null | undefined
  readonly inverse?: CcxtMethods | null | undefined
}

type Able = boolean | 'emulated' | null | undefined
type Words = Readonly<Record<string, unknown>> | null | undefined

/** What ccxt says about an exchange without asking it. */
export interface CcxtDescription {
  readonly rateLimit: number
  readonly has: Readonly<
    Partial<Record<'fetchOHLCV' | 'fetchTrades' | 'fetchFundingRateHistory' | 'spot' | 'swap' | 'future', Able>>
  >
  readonly timeframes?: Words
  /** What each kind of market can; kinds that the exchange does not have are absent. */
  readonly features?:
    | {
        readonly spot?: CcxtMethods | null | undefined
        readonly swap?: CcxtContracts | null | undefined
        readonly future?: CcxtContracts | null | undefined
      }
    | null
    | undefined
  readonly options?: {
    /** Where kinds of markets differ in the intervals of their bars. */
    readonly timeframes?: Readonly<Partial<Record<'spot' | 'swap' | 'contract' | 'future', Words>>> | null | undefined
  }
}

const able = z.union([z.boolean(), z.literal('emulated')]).nullish()
const limit = z.object({ limit: z.number().optional() }).nullish()
const methods = z.object({ fetchOHLCV: limit, fetchTrades: limit }).nullish()
const contracts = z.object({ linear: methods, inverse: methods }).nullish()
const words = z.record(z.string(), z.unknown()).nullish()
const kinds = z.object({ spot: words, swap: words, contract: words, future: words })

const description: z.ZodType<CcxtDescription> = z.object({
  rateLimit: z.number(),
  has: z.object({
    ...{ fetchOHLCV: able, fetchTrades: able, fetchFundingRateHistory: able },
    ...{ spot: able, swap: able, future: able },
  }),
  timeframes: words,
  features: z.object({ spot: methods, swap: contracts, future: contracts }).nullish(),
  options: z.object({ timeframes: kinds.nullish().catch(undefined) }),
})

/** What an instance of a ccxt exchange says about itself. */
export function describeCcxt(exchange: unknown): CcxtDescription {
  return description.parse(exchange)
}

/**
 * The markets that ccxt says the exchange has. Which kinds of contracts there are is in `features`; an exchange that
 * trades contracts and describes none of them is taken to have linear ones, as all do that have any.
 */
export function marketsOf({ has, features }: CcxtDescription, quirks: CcxtQuirks): readonly Market[] {
  const described = [features?.swap, features?.future]
  const linear = described.some((kind) => kind?.linear != null)
  const inverse = described.some((kind) => kind?.inverse != null)
  const trades = has.swap === true || has.future === true
  const denies = !trades && (has.swap === false || !(linear || inverse))
  const kinds = quirks.contracts ?? [
    ...(linear || !inverse ? (['um'] as const) : []),
    ...(inverse ? (['cm'] as const) : []),
  ]
  return [...(has.spot === false ? [] : (['spot'] as const)), ...(denies ? [] : kinds)]
}

/** What ccxt says of a market's methods. */
export function featuresOf({ features }: CcxtDescription, market: Market): CcxtMethods | null | undefined {
  if (market === 'spot') return features?.spot
  const kind = market === 'um' ? 'linear' : 'inverse'
  return features?.swap?.[kind] ?? features?.future?.[kind]
}

/** The lake's intervals that ccxt has for a market, by ccxt's words; a month is `1M` there. */
export function timeframesOf(
  { timeframes, options }: CcxtDescription,
  market: Market,
  { shifted = [] }: CcxtQuirks,
): ReadonlyMap<Interval, string> {
  const kinds = options?.timeframes
  const own = market === 'spot' ? kinds?.spot : (kinds?.swap ?? kinds?.contract ?? kinds?.future)
  const known = INTERVALS.filter((interval) => !shifted.includes(interval))
  const pairs = known.map((interval) => [interval, interval === '1mo' ? '1M' : interval] as const)
  return new Map(pairs.filter(([, word]) => Object.hasOwn(own ?? timeframes ?? {}, word)))
}
