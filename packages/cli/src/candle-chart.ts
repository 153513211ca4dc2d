/** The prices of a bar. */
export interface Candle {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

export interface CandleChartOptions {
  /** Lines of the drawing. */
  readonly height?: number | undefined
  /** Green and red instead of hollow and filled alone. */
  readonly hasColors?: boolean | undefined
}

const GREEN = '\u001b[32m'
const RED = '\u001b[31m'
const RESET = '\u001b[0m'

/**
 * Candles drawn with characters, one column each: `│` the range, `█` a falling and `░` a rising body, the price scale
 * at the left. Empty for no candles.
 *
 * @example
 * candleChart([{ open: 1, high: 4, low: 0, close: 3 }], { height: 4 })
 */
export function candleChart(
  candles: readonly Candle[],
  { height = 12, hasColors = false }: CandleChartOptions = {},
): string {
  if (candles.length === 0) return ''
  const high = Math.max(...candles.map((candle) => candle.high))
  const low = Math.min(...candles.map((candle) => candle.low))
  const step = (high - low) / height || 1
  const decimals = Math.max(0, Math.min(8, 2 - Math.floor(Math.log10(step))))
  const labelWidth = Math.max(high.toFixed(decimals).length, low.toFixed(decimals).length)
  const lines: string[] = []
  for (let line = 0; line < height; line++) {
    // A line shows the prices between its bottom and its top.
    const bottom = high - (line + 1) * step
    const cells = candles.map((candle) => cellOf(candle, { bottom, top: bottom + step }, hasColors))
    lines.push(`${(bottom + step / 2).toFixed(decimals).padStart(labelWidth)} ┤${cells.join('')}`.trimEnd())
  }
  return `${lines.join('\n')}\n`
}

function cellOf(
  { open, high, low, close }: Candle,
  { bottom, top }: { readonly bottom: number; readonly top: number },
  hasColors: boolean,
): string {
  // A line shows what lies above its bottom and below its top; a body without height lies on one line too.
  const reaches = (least: number, most: number): boolean =>
    most > bottom && (least < top || (least === most && least === top))
  const isRising = close >= open
  const isBody = reaches(Math.min(open, close), Math.max(open, close))
  const isWick = reaches(low, high)
  if (!isBody && !isWick) return ' '
  const character = isBody ? (isRising ? '░' : '█') : '│'
  return hasColors ? `${isRising ? GREEN : RED}${isBody ? '█' : character}${RESET}` : character
}
