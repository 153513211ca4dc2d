import { type Interval, LakeError, type LakeTable, type TimeRange } from '@lake/core'
import { addVwap } from '@lake/enrich'
import { openBarResampler } from '@lake/resample'
import { encodeGold, type GoldFile } from './encode-gold.ts'
import type { GoldBarsFrame } from './gold-bars-frame.ts'

/*
 * A month of gold bars is mostly made of one silver file. While the rows of that file are in memory, in a thread, its
 * gold costs little; later it would be read back, by the main thread. So it is made ahead, and committed when all
 * silver of the dataset is there and the file turns out to be all that it is made of. It is the same to the last byte.
 */

/** A gold partition that was made of one silver file alone. */
export interface GoldAhead {
  readonly interval: Interval
  readonly file: GoldFile
}

export interface GoldAheadOptions {
  /** The grain of the rows. */
  readonly from: Interval
  /** What the inputs of the silver partition claim to cover of its period. */
  readonly span: TimeRange
  readonly frames: readonly GoldBarsFrame[]
}

/**
 * The gold of a month of klines. Intervals without a finished bar are left out, and so is all that fails: silver is not
 * to suffer from it, and gold that was not made ahead is made, or fails, when its turn comes.
 */
export function makeGoldAhead(klines: LakeTable<'klines'>, options: GoldAheadOptions): GoldAhead[] {
  try {
    return goldOf(klines, options)
  } catch (error) {
    if (LakeError.is(error)) return []
    throw error
  }
}

function goldOf(klines: LakeTable<'klines'>, { from, span, frames }: GoldAheadOptions): GoldAhead[] {
  const resample = openBarResampler(klines, { from })
  return frames.flatMap(({ interval, series, market, contractSize, metadata }) => {
    const bars = resample({ to: interval, until: span.to })
    const file = encodeGold(addVwap(bars, { market, contractSize }), series, metadata)
    return file === undefined ? [] : [{ interval, file }]
  })
}
