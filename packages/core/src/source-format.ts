import type { DataType, Market } from './vocabulary.ts'

/**
 * How the text of a source column becomes values. An empty cell is none of them, except in a `nullable` column.
 *
 * | kind | text | becomes |
 * |---|---|---|
 * | `time` | an instant, in the column's {@link TimeUnit} | timestamp |
 * | `received` | none: frames only, where the venue sends no time | timestamp: when the frame was received |
 * | `hour` | a whole hour of the day, 0 to 23 | nothing of its own: it is added to `ts_event` |
 * | `integer` | decimal integer without sign | int64 |
 * | `uuid` | a UUID | int64: its first 48 and last 16 bits, less the sign |
 * | `decimal` | decimal number, with an exponent only in JSON and where `exponent`, with a minus sign only where `signed` | float64 of the same decimal |
 * | `signed-size` | decimal number whose sign is the side of the taker | float64 without sign, and `side`: `sell` below zero, else `buy` |
 * | `flag` | `true`, `True`, `false` or `False` | bool |
 * | `buyer-maker` | the same; true means that the buyer rested, so the taker sold | side `sell` or `buy` |
 * | `word` | one of the column's `words` | the word that it stands for |
 * | `text` | any short text | a word |
 * | `symbol` | the symbol of the dataset | nothing; another symbol means the wrong file, or in one of many instruments a row of another |
 * | `ignored` | anything | nothing |
 */
export type SourceColumnKind =
  | 'time'
  | 'received'
  | 'hour'
  | 'integer'
  | 'uuid'
  | 'decimal'
  | 'signed-size'
  | 'flag'
  | 'buyer-maker'
  | 'word'
  | 'text'
  | 'symbol'
  | 'ignored'

/**
 * How a source writes an instant, in UTC unless `utcOffset` says otherwise.
 *
 * | unit | text |
 * |---|---|
 * | `epoch` | integer milliseconds below 10^15, microseconds from there |
 * | `seconds` | seconds, with or without decimals; what is finer than a microsecond must be zeros or is cut and counted |
 * | `nanoseconds` | integer; what is finer than a microsecond must be zeros or is cut and counted |
 * | `text` | `2026-05-08 00:00:00` or `2026-05-08T00:00:00.123Z`, or a day alone, `2026-05-08` |
 * | `metatrader` | `2026.05.08 00:00`, as MetaTrader exports it; in files only |
 */
export type TimeUnit = 'epoch' | 'seconds' | 'nanoseconds' | 'text' | 'metatrader'

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
  /** Allows an exponent, as in `1E+1`. Decimals in JSON always may have one. */
  readonly exponent?: boolean | undefined
  /** Allows an empty cell (in files also one of two quotes, in JSON `null` and a missing field), which becomes null. */
  readonly nullable?: boolean | undefined
  /** In files, of a `nullable` column: a text that stands for an empty cell, as `None`. */
  readonly emptyAs?: string | undefined
  /** For `time`; `epoch` when absent. */
  readonly unit?: TimeUnit | undefined
  /** For `metatrader`: how far the clock that wrote it is ahead of UTC, in microseconds; 0 when absent. */
  readonly utcOffset?: number | undefined
  /** For `word`: the source's words and what each stands for in silver. */
  readonly words?: Readonly<Record<string, string>> | undefined
  /** For decimals: how many places the source is known to write; 8 when absent. More than that is a new format. */
  readonly places?: number | undefined
}

/** Another set of columns that files of the same type have: of another era, or with an optional column. */
export interface SourceVariant {
  /** Which files look like this, in words: `2019 to 2024`, `without symbol`. */
  readonly era: string
  readonly columns: readonly SourceColumn[]
  /** Its files have no line of names, where others of the format have one: their first character is a digit. */
  readonly header?: 'absent' | undefined
}

/**
 * A declarative description of the files of one data type in some markets: parser, validation, documentation and
 * test data follow from it.
 *
 * One column of kind `time` fills `ts_event`. Silver columns that no source column fills are null, so they must be
 * nullable.
 */
export interface SourceFormat {
  /** As in `binance-klines`. */
  readonly id: string
  readonly dataType: DataType
  /** Where the files look like this; markets that differ in a single column have formats of their own. */
  readonly markets: readonly Market[]
  /** One CSV, in a zip as its only member, or compressed with gzip, or as it is. */
  readonly container: 'zip-csv' | 'gzip-csv' | 'csv'
  /** What stands between two cells; a comma when absent. */
  readonly delimiter?: ',' | ';' | '\t' | '|' | undefined
  /** Whether the first line names the columns. When absent, it does where its first character is no digit. */
  readonly header?: 'present' | 'absent' | undefined
  /** The names in the header may have a translation behind a slash, in any encoding: `side/交易方向`. */
  readonly translatedHeader?: boolean | undefined
  /** What today's files look like. */
  readonly columns: readonly SourceColumn[]
  /** What else they have looked like; told by the header, and without one by the number of columns. */
  readonly variants?: readonly SourceVariant[] | undefined
  /** Silver columns that hold the same word in every row. */
  readonly constants?: Readonly<Record<string, string>> | undefined
  /**
   * When a row could have been known, in microseconds after `ts_event`. When absent, a bar is known when the next one
   * opens, and everything else when it happens.
   */
  readonly availableAfter?: number | undefined
  /** Bars without a close time: it is the next open less this many microseconds. */
  readonly closeBefore?: number | undefined
  /** Ids are unique and do not count up by one: an id that is absent is no missing row. */
  readonly sparseIds?: boolean | undefined
  /**
   * Ids count the rows of a file and mean nothing outside of it. For the time that such a file covers, pages and frames
   * of the venue give no rows, and of the files of a day and of its month only that of the day does: nothing would tell a
   * trade of theirs from the same one of the file.
   */
  readonly idsOfFile?: boolean | undefined
  /**
   * What stands in a line of a row that the venue has taken back, by the names of source columns: such a line is no row,
   * and is counted. Numbers are compared as numbers.
   */
  readonly withdrawn?: Readonly<Record<string, number>> | undefined
  /** The unit of each silver column that needs words: `contracts`, `base asset`. It goes into the table's metadata. */
  readonly units?: Readonly<Record<string, string>> | undefined
  /** What a reader must know about the data, in sentences; goes into the documentation. */
  readonly notes?: readonly string[] | undefined
}
