import type { CellReader } from './column-reader.ts'
import type { DecimalCounts } from './plain-cells.ts'

const DECIMAL = 0
const INTEGER = 1
const FLAG = 2
const IGNORED = 3

/** What plain rows are read into: arrays with an entry a column, for the loop that looks them up. */
export interface PlainColumns {
  /** `DECIMAL`, `INTEGER`, `FLAG`, or `IGNORED`. */
  readonly kinds: Uint8Array
  readonly floats: readonly Float64Array[]
  /** Int64 values as 32-bit halves, the low one first. */
  readonly halves: readonly Int32Array[]
  readonly flags: readonly (Uint8Array | Int32Array)[]
  readonly readers: readonly (DecimalCounts | undefined)[]
  /** 1 where a minus sign may stand. */
  readonly signed: Uint8Array
  /** The most places that decimals had so far. */
  readonly places: Int32Array
  /** Integers are from `least` to below `limits`, and kept `factors` times as large. */
  readonly least: Float64Array
  readonly limits: Float64Array
  readonly factors: Float64Array
  /** The first column of integers, by which most rows differ from the row before. */
  readonly firstInteger: number
}

const NO_FLOATS = new Float64Array(0)
const NO_HALVES = new Int32Array(0)
const NO_FLAGS = new Uint8Array(0)

/** The columns of these readers as they are now; undefined when there is one that has no plain cells, or no integers. */
export function plainColumns(readers: readonly CellReader[]): PlainColumns | undefined {
  const { length } = readers
  const kinds = new Uint8Array(length)
  const signed = new Uint8Array(length)
  const places = new Int32Array(length)
  const least = new Float64Array(length)
  const limits = new Float64Array(length)
  const factors = new Float64Array(length)
  const floats: Float64Array[] = []
  const halves: Int32Array[] = []
  const flags: (Uint8Array | Int32Array)[] = []
  const decimals: (DecimalCounts | undefined)[] = []
  for (const [index, { plain }] of readers.entries()) {
    if (plain === undefined) return undefined
    floats.push(plain.kind === 'decimal' ? plain.values : NO_FLOATS)
    halves.push(plain.kind === 'integer' ? plain.halves : NO_HALVES)
    flags.push(plain.kind === 'flag' ? plain.values : NO_FLAGS)
    decimals.push(plain.kind === 'decimal' ? plain.reader : undefined)
    kinds[index] = KINDS[plain.kind]
    if (plain.kind === 'decimal') {
      signed[index] = plain.signed ? 1 : 0
      places[index] = plain.reader.places
    } else if (plain.kind === 'integer') {
      least[index] = plain.least
      limits[index] = plain.limit
      factors[index] = plain.factor
    }
  }
  const firstInteger = kinds.indexOf(INTEGER)
  if (firstInteger < 0) return undefined
  return { kinds, floats, halves, flags, readers: decimals, signed, places, least, limits, factors, firstInteger }
}

const KINDS = { decimal: DECIMAL, integer: INTEGER, flag: FLAG, ignored: IGNORED } as const
