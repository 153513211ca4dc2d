import { LakeError } from '@lake/core'

export interface VwapInput {
  readonly volume: Float64Array
  readonly quoteVolume: Float64Array
  readonly low: Float64Array
  readonly high: Float64Array
  /**
   * What one contract is worth in the quote asset. Given for coin-margined markets, where `volume` counts contracts
   * and `quoteVolume` is an amount of the base asset.
   */
  readonly contractSize?: number | undefined
  /** Where to put the result; a new array without it. May be one of the inputs. */
  readonly out?: Float64Array | undefined
}

/**
 * The volume-weighted average price of each bar: `quoteVolume / volume`, with a contract size
 * `volume * contractSize / quoteVolume`, in both cases clipped to `[low, high]` against rounding.
 *
 * NaN where nothing traded, where the divisor is 0 and where an input is NaN.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the arrays differ in length or the contract size is not above 0.
 *
 * @example
 * vwap({ volume: Float64Array.of(2), quoteVolume: Float64Array.of(21), low: Float64Array.of(10), high: Float64Array.of(11) })
 * // Float64Array [10.5]
 */
export function vwap(input: VwapInput): Float64Array {
  const { volume, quoteVolume, low, high, contractSize } = input
  const rows = volume.length
  const out = input.out ?? new Float64Array(rows)
  for (const [name, values] of Object.entries({ quoteVolume, low, high, out })) {
    if (values.length === rows) continue
    throw new LakeError('BAD_REQUEST', `${name} has ${values.length} values, volume has ${rows}.`, {
      details: { name, length: values.length, rows },
    })
  }
  if (contractSize !== undefined) checkContractSize(contractSize)
  for (let row = 0; row < rows; row++) {
    const size = floatAt(volume, row)
    const quote = floatAt(quoteVolume, row)
    const price = contractSize === undefined ? quote / size : (size * contractSize) / quote
    const isKnown = size !== 0 && price < Number.POSITIVE_INFINITY
    // Math.min and Math.max give NaN when a bound is NaN.
    out[row] = isKnown ? Math.min(Math.max(price, floatAt(low, row)), floatAt(high, row)) : Number.NaN
  }
  return out
}

function checkContractSize(contractSize: number): void {
  if (contractSize > 0 && contractSize < Number.POSITIVE_INFINITY) return
  throw new LakeError('BAD_REQUEST', `The contract size ${contractSize} is not a number above 0.`, {
    details: { contractSize: String(contractSize) },
  })
}

/** A read of a row that is known to exist: the fallback is for the compiler and never taken. */
function floatAt(values: Float64Array, row: number): number {
  return values[row] ?? Number.NaN
}
