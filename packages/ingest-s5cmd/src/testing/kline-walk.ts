/**
 * A seeded random walk of klines in the smallest units of the exchange, so that every value is an exact integer and
 * the same seed gives the same rows on every machine: only `+ - * /` and `Math.floor`, which IEEE 754 fixes.
 */
export interface KlineWalk {
  /** Moves on to the next bar. */
  next(): KlineUnits
}

/** One bar; the object is reused from bar to bar. */
export interface KlineUnits {
  /** Prices in hundredths. */
  open: number
  high: number
  low: number
  close: number
  /** In units of `10^-volumeDecimals`, quote volumes in units of `10^-(volumeDecimals + 2)` of the same bar. */
  volume: number
  quoteVolume: number
  trades: number
  takerVolume: number
  takerQuoteVolume: number
}

const START = 3_000_000
const LOWEST = 100_000
const HIGHEST = 15_000_000

/** @param maxVolume the largest volume of a bar, in its smallest unit */
export function createKlineWalk(seed: number, maxVolume: number): KlineWalk {
  const random = mulberry32(seed)
  const bar = {
    open: 0,
    high: 0,
    low: 0,
    close: START,
    volume: 0,
    quoteVolume: 0,
    trades: 0,
    takerVolume: 0,
    takerQuoteVolume: 0,
  }
  return {
    next() {
      const open = bar.close
      // The sum of uniforms is close to normal; 0.05 % is a usual minute.
      const step = Math.floor((random() + random() + random() - 1.5) * 0.001 * open + 0.5)
      const isQuiet = random() < 0.002
      const wick = 0.0004 * open
      bar.open = open
      bar.close = isQuiet ? open : Math.min(Math.max(open + step, LOWEST), HIGHEST)
      bar.high = Math.max(open, bar.close) + (isQuiet ? 0 : Math.floor(random() * wick))
      bar.low = Math.min(open, bar.close) - (isQuiet ? 0 : Math.floor(random() * wick))
      const skewed = random()
      bar.volume = isQuiet ? 0 : 1 + Math.floor(skewed * skewed * skewed * skewed * maxVolume)
      bar.quoteVolume = bar.volume * bar.low + Math.floor(random() * bar.volume * (bar.high - bar.low))
      bar.trades = isQuiet ? 0 : 1 + Math.floor((bar.volume / maxVolume) * 20_000 * random())
      const taken = random()
      bar.takerVolume = Math.floor(bar.volume * taken)
      bar.takerQuoteVolume = Math.floor(bar.quoteVolume * taken)
      return bar
    },
  }
}

/** T. Ettinger's 32-bit generator: small, fast, and good enough for invented prices. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
