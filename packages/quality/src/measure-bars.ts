import type { Gap } from '@lake/core'
import { type BarTable, type FindGapsOptions, scanGaps } from './find-gaps.ts'

/** Stretches in which nothing was traded, as a venue leaves them out: counted, not listed. */
export interface NoTrades {
  /** How many stretches. */
  readonly stretches: number
  /** How many bars all of them have. */
  readonly bars: number
  readonly longest: Gap | undefined
}

/** What is there of the bars that a range should have. */
export interface BarCoverage {
  readonly expected: number
  /** Expected bars that are there. */
  readonly present: number
  readonly gaps: readonly Gap[]
  /** Absent for venues that publish bars without trades. */
  readonly noTrades?: NoTrades | undefined
}

export interface MeasureBarsOptions extends FindGapsOptions {
  /** True when the venue leaves out bars without trades, as its adapter says: a missing bar is then no gap. */
  readonly omitsEmptyBars?: boolean | undefined
  /**
   * From how many missing bars on a stretch is reported as a gap all the same, because so long a silence is not
   * believed. Default: none is.
   */
  readonly longestSilence?: number | undefined
}

/**
 * How many bars of a range are there, and what is missing.
 *
 * A venue that leaves out empty bars has hundreds of thousands of holes in a few years of a thin market. With
 * `omitsEmptyBars` these are one count, in constant memory, instead of as many gaps.
 *
 * @throws {@link LakeError} `BAD_REQUEST` as `findGaps`.
 *
 * @example
 * measureBars(klines, { interval: '1h', range, omitsEmptyBars: true, longestSilence: 24 })
 * // { expected: 81178, present: 70253, gaps: [...], noTrades: { stretches: 1871, bars: 5213, longest: {...} } }
 */
export function measureBars(bars: BarTable | BigInt64Array, options: MeasureBarsOptions): BarCoverage {
  const { omitsEmptyBars = false, longestSilence = omitsEmptyBars ? Number.POSITIVE_INFINITY : 0 } = options
  let gaps: Gap[] = []
  let missing = 0
  let stretches = 0
  let longest: Gap | undefined
  const expected = scanGaps(bars, options, {
    add(gap) {
      if (gap.expected >= longestSilence) {
        gaps.push(gap)
        return
      }
      stretches++
      missing += gap.expected
      if (longest === undefined || gap.expected > longest.expected) longest = gap
    },
    clear() {
      gaps = []
      missing = stretches = 0
      longest = undefined
    },
  })
  const present = expected - missing - gaps.reduce((sum, gap) => sum + gap.expected, 0)
  return omitsEmptyBars
    ? { expected, present, gaps, noTrades: { stretches, bars: missing, longest } }
    : { expected, present, gaps }
}
