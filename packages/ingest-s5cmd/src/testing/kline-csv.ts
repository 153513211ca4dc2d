import type { KlineUnits } from './kline-walk.ts'

/** How an exchange writes its klines in one file. */
export interface KlineStyle {
  readonly hasHeader: boolean
  /** 1 where times are microseconds, 1000 where they are milliseconds. */
  readonly microsPerUnit: number
  /** The interval in microseconds. */
  readonly step: number
  readonly priceDecimals: number
  /** Decimals that the text shows of volumes; quote volumes have 8 at most, 2 more than those that a volume fills. */
  readonly volumeDecimals: number
  /** Decimals that the volume's units fill. */
  readonly volumeUnits: number
}

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n'

/** No row is longer: 12 fields of at most 18 characters, each with its comma. */
const MAX_ROW = 12 * 19
const COMMA = 0x2c
const NEWLINE = 0x0a
const POINT = 0x2e
const ZERO = 0x30

/** Writes klines as text straight into bytes: a string a field would take ten times as long. The buffer is reused. */
export class KlineCsv {
  #buffer: Uint8Array = new Uint8Array(1 << 20)
  #at = 0
  #style: KlineStyle = {
    hasHeader: false,
    microsPerUnit: 1000,
    step: 0,
    priceDecimals: 2,
    volumeDecimals: 3,
    volumeUnits: 3,
  }

  /** Begins a new file; what {@link bytes} gave before is void. */
  start(style: KlineStyle): void {
    this.#style = style
    this.#at = 0
    if (style.hasHeader) this.#at = new TextEncoder().encodeInto(HEADER, this.#buffer).written
  }

  /** @param openTime epoch microseconds UTC */
  write(openTime: number, bar: KlineUnits): void {
    const { microsPerUnit, step, priceDecimals, volumeDecimals, volumeUnits } = this.#style
    if (this.#buffer.length - this.#at < MAX_ROW) this.#grow()
    const price = 10 ** (priceDecimals - 2)
    const volume = 10 ** (volumeDecimals - volumeUnits)
    const quoteDecimals = Math.min(volumeDecimals + 2, 8)
    const quote = 10 ** (quoteDecimals - volumeUnits - 2)
    const open = openTime / microsPerUnit
    this.#number(open, 0)
    this.#number(bar.open * price, priceDecimals)
    this.#number(bar.high * price, priceDecimals)
    this.#number(bar.low * price, priceDecimals)
    this.#number(bar.close * price, priceDecimals)
    this.#number(bar.volume * volume, volumeDecimals)
    this.#number(open + step / microsPerUnit - 1, 0)
    this.#number(bar.quoteVolume * quote, quoteDecimals)
    this.#number(bar.trades, 0)
    this.#number(bar.takerVolume * volume, volumeDecimals)
    this.#number(bar.takerQuoteVolume * quote, quoteDecimals)
    this.#buffer[this.#at++] = ZERO
    this.#buffer[this.#at++] = NEWLINE
  }

  /** What was written since {@link start}, without a copy. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at)
  }

  /** `units * 10^-decimals` and a comma. Units are exact integers below 2^53. */
  #number(units: number, decimals: number): void {
    let digits = 1
    for (let bound = 10; bound <= units; bound *= 10) digits++
    const first = this.#at
    const length = decimals === 0 ? digits : Math.max(digits, decimals + 1) + 1
    const point = decimals === 0 ? -1 : first + length - 1 - decimals
    let rest = units
    for (let at = first + length - 1; at >= first; at--) {
      if (at === point) {
        this.#buffer[at] = POINT
        continue
      }
      const next = Math.floor(rest / 10)
      this.#buffer[at] = ZERO + (rest - next * 10)
      rest = next
    }
    this.#at = first + length
    this.#buffer[this.#at++] = COMMA
  }

  #grow(): void {
    const larger = new Uint8Array(this.#buffer.length * 2)
    larger.set(this.#buffer)
    this.#buffer = larger
  }
}
