import type { SourceColumn } from './source-format.ts'
import type { SymbolSpelling } from './symbol-spelling.ts'
import type { DataType, Market } from './vocabulary.ts'

/** A field of a row, or of the page around it, that must hold one of some texts for the row to be taken. */
export interface PageFilter {
  /** As a column's name; for rows that are arrays the position, as in `8`. */
  readonly field: string
  /** Compared with the field's text; `symbol` stands for the symbol of the dataset, `something` for whatever is there. */
  readonly anyOf: readonly string[] | 'symbol' | 'something'
  /** With `symbol`: how the field writes it, where that is otherwise than in the dataset. */
  readonly spelling?: SymbolSpelling | undefined
}

/**
 * A declarative description of the JSON that a venue answers with, or sends as a frame: a page is one JSON text that
 * holds rows of one dataset.
 *
 * The columns say the same as those of a {@link SourceFormat}: for rows that are arrays by position, where columns
 * at the end may be left out; for rows that are objects by name, where other fields are left alone. A name is a path
 * from the row: `o.s` is a field of a field, `b.0.1` goes into lists. One that begins with `$.` is a path from the
 * root, whose steps that are those of `rows` lead along this very row: with rows at `data.*.details`, the row's
 * `$.data.*.instId` stands beside the list that it is in. Numbers are read from their text, so no digit is lost,
 * whether the venue quotes them or not.
 */
export interface PageFormat {
  /** As in `binance-rest-klines`. */
  readonly id: string
  readonly dataType: DataType
  readonly markets: readonly Market[]
  /**
   * Where the rows are: keys from the root, `*` for every member. Empty when the root holds them. What lies under a
   * `*` and is no list (for `single`: no object) holds no rows.
   */
  readonly rows: readonly string[]
  /** `array`: a row is a list of cells. `object`: a row is named fields. `single`: the place holds one object, the row. */
  readonly shape: 'array' | 'object' | 'single'
  readonly columns: readonly SourceColumn[]
  /** Only rows that pass every filter are rows of the format; the others are another format's, and are not counted. */
  readonly only?: readonly PageFilter[] | undefined
  /** Silver columns that hold the same word in every row. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /**
   * When a row could have been known, in microseconds after `ts_event`. When absent, a bar is known when the next one
   * opens, and everything else when it happens.
   */
  readonly availableAfter?: number | undefined
  /** Bars only: how `close_time` follows when no column fills it: the next open less this many microseconds. */
  readonly closeBefore?: number | undefined
  /** As in a {@link SourceFormat}. */
  readonly units?: Readonly<Record<string, string>> | undefined
}
