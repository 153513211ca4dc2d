import type { DataType, Market } from './vocabulary.ts'

/**
 * How the text of a source column becomes values. An empty cell is none of them, except in a `nullable` column.
 *
 * | kind | text | becomes |
 * |---|---|---|
 * | `time` | an instant, in the column's {@link TimeUnit} | timestamp |
 * | `integer` | decimal integer without sign | int64 |
 * | `decimal` | decimal number, with an exponent only in JSON, with a minus sign only where `signed` | float64 of the same decimal |
 * | `flag` | `true`, `True`, `false` or `False` | bool |
 * | `buyer-maker` | the same; true means that the buyer rested, so the taker sold | side `sell` or `buy` |
 * | `word` | one of the column's `words` | the word that it stands for |
 * | `text` | any short text | a word |
 * | `symbol` | the symbol of the dataset | nothing; another symbol means the wrong file |
 * | `ignored` | anything | nothing |
 */
export type SourceColumnKind =
  'time' | 'integer' | 'decimal' | 'flag' | 'buyer-maker' | 'word' | 'text' | 'symbol' | 'ignored'

/**
 * How a source writes an instant, UTC.
 *
 * | unit | text |
 * |---|---|
 * | `epoch` | integer milliseconds below 10^15, microseconds from there |
 * | `seconds` | seconds, with or without decimals |
 * | `nanoseconds` | integer; what is finer than a microsecond must be zeros or is cut and counted |
 * | `text` | `2026-05-08 00:00:00` or `2026-05-08T00:00:00.123Z` |
 */
export type TimeUnit = 'epoch' | 'seconds' | 'nanoseconds' | 'text'

/** One column of a source file, in the order of the file. */
export interface SourceColumn {
  /** The name in the header of today's files; the path of the field in a JSON object, as in `o.s`. */
  readonly name: string
  /** Names that other eras or markets use for it. */
  readonly aliases?: readonly string[] | undefined
  readonly kind: SourceColumnKind
  /** The silver column it fills; absent when it fills none. */
  readonly to?: string | undefined
  /** Allows a minus sign. Prices and sizes never have one; premiums and funding rates do. */
  readonly signed?: boolean | undefined
  /** Allows an empty cell (in JSON also `null` and a missing field), which becomes null. */
  readonly nullable?: boolean | undefined
  /** For `time`; `epoch` when absent. */
  readonly unit?: TimeUnit | undefined
  /** For `word`: the source's words and what each stands for in silver. */
  readonly words?: Readonly<Record<string, string>> | undefined
}

/**
 * A declarative description of the files of one data type in some markets: parser, validation and documentation
 * follow from it.
 *
 * One column of kind `time` fills `ts_event`. `ts_available` needs no description: it is one unit of the file's time
 * after `close_time` where a column fills that (the next bar's open), else it is `ts_event`. Silver columns that no
 * source column fills are null, so they must be nullable.
 */
export interface SourceFormat {
  /** As in `binance-klines`. */
  readonly id: string
  readonly dataType: DataType
  /** Where the files look like this; markets that differ in a single column have formats of their own. */
  readonly markets: readonly Market[]
  /** One CSV in a zip, comma-separated, with or without a header line (decided per file by its first byte). */
  readonly container: 'zip-csv'
  readonly columns: readonly SourceColumn[]
  /** The unit of each silver column that needs words: `contracts`, `base asset`. It goes into the table's metadata. */
  readonly units?: Readonly<Record<string, string>> | undefined
}
