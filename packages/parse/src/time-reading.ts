import type { FileTimeUnit } from '@lake/core'
import type { Strip } from './strip.ts'

/** One way to write instants. */
export interface TimeText {
  /** Undefined until the first one was read. */
  readonly unit: FileTimeUnit | undefined
  /** Reads cells as epoch microseconds, which may be too large or NaN for an empty cell; as a `CellReader` does. */
  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number
  /** How many of the rows that were read last were cut to microseconds. */
  readonly cut: number
  /** Whole numbers from `least` to below `limit` that are `factor` microseconds each; absent when cells are not that. */
  readonly plain?: { readonly least: number; readonly limit: number; readonly factor: number } | undefined
  /** Why a text is none of these, as words that follow it; undefined when it is one. */
  refusal(text: string): string | undefined
  /** The microseconds of a text that is not refused. */
  micros(text: string): number
}
