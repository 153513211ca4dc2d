import type { ByteWriter } from './byte-writer.ts'

/** The values of a column chunk that are not null, and how they become bytes. Places count them from 0. */
export interface ChunkValues {
  readonly encoding: number
  readonly dictionary?: { readonly bytes: Uint8Array; readonly size: number } | undefined
  /** The values of a page as bytes: written to `scratch`, which is empty, or memory that holds them already. */
  pageBytes(from: number, to: number, scratch: ByteWriter): Uint8Array
  /** The places of the least and the greatest value; `undefined` where none can be compared, as with NaN alone. */
  extremes(from: number, to: number): { readonly least: number; readonly greatest: number } | undefined
  /** True when one value comes before another. */
  isLess(one: number, other: number): boolean
  /** A value as statistics have it; `undefined` when it is too long for them. */
  bound(place: number, side: 'least' | 'greatest'): Uint8Array | undefined
}

/** The rows of a column chunk: its values, and which rows have none. */
export interface ChunkRows {
  readonly rows: number
  readonly values: ChunkValues
  /** One byte a row, 1 where it is null; `undefined` when none is. */
  readonly nulls: Uint8Array | undefined
}
