import type { SourceColumn, SourceFormat, TimeRange } from '@lake/core'
import { badFormat } from './bad-format.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { CellReader, ColumnReader } from './column-reader.ts'
import { type DecimalOptions, DecimalReader } from './decimal-reader.ts'
import { ExactReader } from './exact-reader.ts'
import { FlagReader, SideReader } from './flag-reader.ts'
import { HourReader } from './hour-reader.ts'
import { IgnoredReader } from './ignored-reader.ts'
import { IntegerReader } from './integer-reader.ts'
import { SymbolReader } from './symbol-reader.ts'
import { TimeReader } from './time-reader.ts'
import type { FileClock } from './time-text.ts'
import { UuidReader } from './uuid-reader.ts'
import { WordReader } from './word-reader.ts'

export interface ReaderOptions {
  readonly format: SourceFormat
  readonly clock: FileClock
  /** What event times must lie in. */
  readonly range: TimeRange
  readonly symbol: string
  /** The most places that a decimal column may have. */
  readonly mostPlaces: (column: SourceColumn) => number
  /** Digits behind the point of exact decimals; absent where numbers are float64. */
  readonly scale?: number | undefined
  /** The reader of `ts_event`, when it was made already. */
  readonly eventTime: TimeReader | undefined
  /** Of the values. */
  readonly memory?: Pick<ColumnMemory, 'take'> | undefined
}

/** The reader of a column: one that keeps values, or one that only checks. */
export function makeReader(column: SourceColumn, options: ReaderOptions): ColumnReader | CellReader {
  const delimiter = (options.format.delimiter ?? ',').charCodeAt(0)
  const { clock, memory } = options
  const { kind, words, signed = false, nullable = false, exponent = false } = column
  switch (kind) {
    case 'time': {
      const range = column.to === 'ts_event' ? options.range : undefined
      return new TimeReader({
        unit: column.unit ?? 'epoch',
        utcOffset: column.utcOffset,
        clock,
        nullable,
        range,
        memory,
      })
    }
    case 'received':
      throw badFormat(options.format.id, `takes '${column.name}' from when a frame was received, which files are not`)
    case 'hour':
      if (options.eventTime !== undefined) return new HourReader(options.eventTime)
      throw badFormat(options.format.id, `has the hours in '${column.name}' before their day`)
    case 'integer':
      return new IntegerReader(nullable, memory)
    case 'uuid':
      return new UuidReader()
    case 'decimal':
      return decimalReader({ signed, nullable, exponent }, column, options)
    case 'signed-size':
      return decimalReader({ signed: true, nullable: false, exponent }, column, options)
    case 'flag':
      return new FlagReader(nullable)
    case 'buyer-maker':
      return new SideReader(memory)
    case 'word':
      return new WordReader({ words: words ?? {}, nullable, delimiter })
    case 'text':
      return new WordReader({ nullable, delimiter })
    case 'symbol':
      return new SymbolReader(options.symbol)
    case 'ignored':
      return new IgnoredReader(delimiter)
  }
}

function decimalReader(
  form: Pick<DecimalOptions, 'signed' | 'nullable' | 'exponent'>,
  column: SourceColumn,
  { mostPlaces, scale, memory }: ReaderOptions,
): DecimalReader | ExactReader {
  const options = { ...form, mostPlaces: mostPlaces(column), memory }
  return scale === undefined ? new DecimalReader(options) : new ExactReader({ ...options, scale })
}
