import type { SourceColumnKind } from '../source-format.ts'

/** The Arrow type, as a text, of the silver column that a source column of each kind fills; `nothing` for those that fill none. */
export const ARROW_OF_KIND: Readonly<Record<SourceColumnKind, string>> = {
  time: 'Timestamp<MICROSECOND, UTC>',
  received: 'Timestamp<MICROSECOND, UTC>',
  hour: 'nothing',
  integer: 'Int64',
  uuid: 'Int64',
  decimal: 'Float64',
  'signed-size': 'Float64',
  flag: 'Bool',
  'buyer-maker': 'Dictionary<Int32, Utf8>',
  word: 'Dictionary<Int32, Utf8>',
  text: 'Dictionary<Int32, Utf8>',
  symbol: 'nothing',
  ignored: 'nothing',
}
