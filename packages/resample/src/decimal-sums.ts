import type { Buckets } from './buckets.ts'
import { sumCompensated } from './sum-compensated.ts'
import { floatAt } from './value-at.ts'

/** Venues publish sizes with at most eight decimals. */
const UNITS = 100_000_000

/** From here on (2^26) neighbouring doubles lie further apart than the eighth decimal. */
const LIMIT = 67_108_864

/** The sums of the values of a column by bucket. */
export interface DecimalSums {
  readonly sums: Float64Array
  /** The sums by coarser buckets, each of which is made of whole buckets of these: the same as from the values. */
  within(coarser: Buckets): DecimalSums
}

/**
 * The sum of each bucket, as it would come out on paper: 0.1 + 0.2 is 0.3.
 *
 * Values that are decimals with up to eight places, below 2^26, are added as integers, so the result is the double
 * nearest to the exact decimal sum, in whatever order or steps they are added. Should any value be another one, the
 * rows are added in their order with Neumaier's compensation, which is off by no more than the values themselves
 * are. NaN (null) makes the sum NaN.
 */
export function decimalSums(values: Float64Array, buckets: Buckets): DecimalSums {
  return sumsOf(values, buckets, splitSums(values, buckets))
}

/** Sums as whole numbers and units of 10^-8, both exact. */
interface SplitSums {
  readonly wholes: Float64Array
  /** NaN where a value is no decimal of eight places, which makes any sum of it NaN. */
  readonly units: Float64Array
}

function splitSums(values: Float64Array, { rowEnds }: Buckets): SplitSums {
  const wholes = new Float64Array(rowEnds.length)
  const units = new Float64Array(rowEnds.length)
  let row = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    let wholeSum = 0
    let unitSum = 0
    for (const end = floatAt(rowEnds, bucket); row < end; row++) {
      const value = floatAt(values, row)
      const whole = Math.floor(value)
      const unit = Math.round((value - whole) * UNITS)
      // The quotient of two exact integers is the double nearest to the decimal: equal means that it is this decimal.
      const isDecimal = value < LIMIT && value > -LIMIT && (whole * UNITS + unit) / UNITS === value
      wholeSum += whole
      unitSum += isDecimal ? unit : Number.NaN
    }
    wholes[bucket] = wholeSum
    units[bucket] = unitSum
  }
  return { wholes, units }
}

function sumsOf(values: Float64Array, buckets: Buckets, split: SplitSums): DecimalSums {
  const { rowEnds } = buckets
  let from = 0
  return {
    sums: rowEnds.map((to, bucket) => {
      const unitSum = floatAt(split.units, bucket)
      const sum = Number.isNaN(unitSum)
        ? sumCompensated(values, from, to)
        : joined(floatAt(split.wholes, bucket), unitSum)
      from = to
      return sum
    }),
    within: (coarser) => sumsOf(values, coarser, splitWithin(split, rowEnds, coarser)),
  }
}

function joined(wholeSum: number, unitSum: number): number {
  const carry = Math.floor(unitSum / UNITS)
  const whole = wholeSum + carry
  const units = unitSum - carry * UNITS
  return Math.abs(whole) < LIMIT ? (whole * UNITS + units) / UNITS : whole + units / UNITS
}

function splitWithin({ wholes, units }: SplitSums, rowEnds: Float64Array, coarser: Buckets): SplitSums {
  let piece = 0
  const joinedUnits = new Float64Array(coarser.rowEnds.length)
  const joinedWholes = coarser.rowEnds.map((end, bucket) => {
    let wholeSum = 0
    let unitSum = 0
    for (; piece < rowEnds.length && floatAt(rowEnds, piece) <= end; piece++) {
      wholeSum += floatAt(wholes, piece)
      unitSum += floatAt(units, piece)
    }
    joinedUnits[bucket] = unitSum
    return wholeSum
  })
  return { wholes: joinedWholes, units: joinedUnits }
}
