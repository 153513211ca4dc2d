import { DATA_TYPES, type DataType, type Interval, INTERVALS, LakeError } from '@lake/core'
import type { Table } from 'apache-arrow'
import * as z from 'zod'

/** `failing` rows must not be published; `warning` rows travel with the partition and are looked at. */
export type Severity = 'failing' | 'warning'

interface Common {
  readonly severity: Severity
  /** How the report calls the check. Default: the kind of check and its columns. */
  readonly name?: string | undefined
}

/**
 * One rule about the rows of a table; a null is never a violation.
 *
 * | check | a row violates it when |
 * |---|---|
 * | `ascending` | `column` is less than in the row before it, or equal when `strict` |
 * | `bounds` | one of `columns` is not above `above`, or not in `min` to `max` |
 * | `ordered` | `lower` is more than `upper`, by more than the relative `tolerance` |
 * | `ohlc` | open or close lies outside of low and high |
 * | `vwap` | quote volume over volume lies outside of low and high, by more than the relative `tolerance`; with `contractSize`, volume counts contracts of so much quote currency, and quote volume is in base currency |
 * | `product` | `left * right` differs from `product` by more than the relative `tolerance` |
 * | `together` | some of `columns` are zero and others are not |
 * | `words` | `column` holds a word other than those `allowed` |
 * | `grid` | `ts_event` lies on no start of an `interval` |
 * | `close-time` | `close_time` lies before `ts_event`, or not before the start of the next bar |
 * | `short-bar` | `close_time` lies more than a millisecond before the end of the bar, as around outages |
 * | `spike` | `column` lies above, or below, both neighbours by more than the `limit` (0.2 is 20 %) |
 * | `jump` | `column` differs from the row before by more than the `limit` |
 * | `stuck` | it stands in a run of at least `rows` rows in which `column` never changes, and in which `unless` is never zero |
 * | `near` | `column` differs from `other` of the table `reference` at the same time by more than the relative `limit` |
 * | `custom` | `test` names it |
 */
export type Check = Common &
  (
    | { readonly check: 'ascending'; readonly column: string; readonly strict?: boolean | undefined }
    | {
        readonly check: 'bounds'
        readonly columns: readonly string[]
        readonly above?: number | undefined
        readonly min?: number | undefined
        readonly max?: number | undefined
      }
    | {
        readonly check: 'ordered'
        readonly lower: string
        readonly upper: string
        readonly tolerance?: number | undefined
      }
    | { readonly check: 'ohlc' }
    | { readonly check: 'vwap'; readonly tolerance: number; readonly contractSize?: number | undefined }
    | {
        readonly check: 'product'
        readonly left: string
        readonly right: string
        readonly product: string
        readonly tolerance: number
      }
    | { readonly check: 'together'; readonly columns: readonly string[] }
    | { readonly check: 'words'; readonly column: string; readonly allowed: readonly string[] }
    | { readonly check: 'grid' | 'close-time' | 'short-bar'; readonly interval: Interval }
    | { readonly check: 'spike' | 'jump'; readonly column: string; readonly limit: number }
    | { readonly check: 'stuck'; readonly column: string; readonly rows: number; readonly unless?: string | undefined }
    | {
        readonly check: 'near'
        readonly column: string
        readonly reference: string
        readonly other: string
        readonly limit: number
      }
    | {
        readonly check: 'custom'
        readonly name: string
        /** The rows that violate it. */
        readonly test: (table: Table) => Iterable<number>
      }
  )

/** What rows of a data type must be, as data. */
export interface Contract {
  readonly dataType: DataType
  readonly checks: readonly Check[]
}

/**
 * Checks a contract and gives it back, for users who write or extend one.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a check is unknown or lacks a member, with the place of each problem.
 *
 * @example
 * const strict = defineContract({
 *   ...contractFor('klines', { interval: '1m' }),
 *   checks: [
 *     ...contractFor('klines', { interval: '1m' }).checks,
 *     { check: 'bounds', columns: ['close'], min: 1000, max: 200_000, severity: 'warning' },
 *   ],
 * })
 */
export function defineContract(contract: Contract): Contract {
  const result = CONTRACT.safeParse(contract)
  if (result.success) return contract
  const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
  throw new LakeError('BAD_REQUEST', `The contract is none: ${problems.join('; ')}.`, { details: { problems } })
}

const column = z.string().min(1)
const columns = z.array(column).min(1)
const amount = z.number().nonnegative()
const common = { severity: z.enum(['failing', 'warning']), name: z.string().min(1).optional() }
const rule = <S extends z.ZodRawShape>(shape: S): z.ZodObject<S & typeof common, z.core.$strict> =>
  z.strictObject({ ...shape, ...common })

const CONTRACT = z.strictObject({
  dataType: z.enum(DATA_TYPES),
  checks: z.array(
    z.discriminatedUnion('check', [
      rule({ check: z.literal('ascending'), column, strict: z.boolean().optional() }),
      rule({
        check: z.literal('bounds'),
        columns,
        above: z.number().optional(),
        min: z.number().optional(),
        max: z.number().optional(),
      }),
      rule({ check: z.literal('ordered'), lower: column, upper: column, tolerance: amount.optional() }),
      rule({ check: z.literal('ohlc') }),
      rule({ check: z.literal('vwap'), tolerance: amount, contractSize: z.number().positive().optional() }),
      rule({ check: z.literal('product'), left: column, right: column, product: column, tolerance: amount }),
      rule({ check: z.literal('together'), columns }),
      rule({ check: z.literal('words'), column, allowed: z.array(z.string()) }),
      rule({ check: z.enum(['grid', 'close-time', 'short-bar']), interval: z.enum(INTERVALS) }),
      rule({ check: z.enum(['spike', 'jump']), column, limit: z.number().positive() }),
      rule({ check: z.literal('stuck'), column, rows: z.int().min(2), unless: column.optional() }),
      rule({ check: z.literal('near'), column, reference: column, other: column, limit: z.number().positive() }),
      z.strictObject({
        check: z.literal('custom'),
        ...common,
        name: z.string().min(1),
        test: z.custom<(table: Table) => Iterable<number>>((value) => typeof value === 'function', 'not a function'),
      }),
    ]),
  ),
})
