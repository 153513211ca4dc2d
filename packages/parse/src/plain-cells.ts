/** What a reader of decimals counts, and the loop over plain rows counts for it. */
interface DecimalCounts {
  /** The most places that a number had, zeros at the end included. */
  readonly places: number
  /** Values whose shortest form is another number. */
  inexact: number
}

/**
 * How the cells of a column are read where they have their plain form: a whole row is then read in one go, and whatever
 * is different in it is left to the reader of the column.
 */
export type PlainCells =
  | {
      /** Digits, with a point or without, and no more places than were seen before; a sign where `signed`. */
      readonly kind: 'decimal'
      readonly values: Float64Array
      readonly reader: DecimalCounts
      readonly signed: boolean
    }
  | {
      /** Digits up to 2^53 - 1, from `least` to below `limit`; what is kept is `factor` times as large. */
      readonly kind: 'integer'
      /** Int64 values as 32-bit halves, the low one first. */
      readonly halves: Int32Array
      readonly least: number
      readonly limit: number
      readonly factor: number
    }
  /** `true`, `True`, `false`, `False` as 1 and 0. */
  | { readonly kind: 'flag'; readonly values: Uint8Array | Int32Array }
  /** Any plain text. */
  | { readonly kind: 'ignored' }
