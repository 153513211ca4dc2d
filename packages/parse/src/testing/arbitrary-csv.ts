import {
  type DataType,
  type DatasetId,
  formatInstant,
  isBarType,
  parseDatasetId,
  parsePeriod,
  type Period,
  type SourceColumn,
  type SourceFormat,
  type SourceVariant,
} from '@lake/core'
import { listExchanges } from '@lake/exchanges'
import fc from 'fast-check'

/** A CSV that a format describes, in one of the ways to write it. */
export interface ArbitraryCsv {
  readonly format: SourceFormat
  /** The set of columns that it has. */
  readonly columns: readonly SourceColumn[]
  readonly period: Period
  readonly text: string
  readonly rows: number
}

/** Every format of every venue. */
export const allFormats: readonly SourceFormat[] = listExchanges().flatMap((adapter) => adapter.formats ?? [])

const period = parsePeriod('2025-03')

/** How a file is written, one way from its first row to its last. */
interface Style {
  readonly unit: 'ms' | 'us'
  readonly capital: boolean
  /** Times that may be texts are. */
  readonly calendar: boolean
}

const styles: fc.Arbitrary<Style> = fc.record({
  unit: fc.constantFrom('ms', 'us'),
  capital: fc.boolean(),
  calendar: fc.boolean(),
})

/** CSVs of every format and era, with all that may differ: header, line ends, units, spelling, number of digits. */
export const arbitraryCsv: fc.Arbitrary<ArbitraryCsv> = fc
  .tuple(fc.constantFrom(...allFormats), styles, fc.nat())
  .chain(([format, style, pick]) => {
    const eras: readonly Pick<SourceVariant, 'columns' | 'header'>[] = [
      { columns: format.columns },
      ...(format.variants ?? []),
    ]
    const { columns, header = format.header } = eras[pick % eras.length] ?? format
    const names = fc.tuple(...columns.map((column) => headerName(column, format)))
    return fc.record({
      format: fc.constant(format),
      columns: fc.constant(columns),
      header: headerOf(header, names),
      mark: fc.constantFrom('', '\ufeff'),
      rows: fc.array(fc.tuple(...columns.map((column) => cell(column, style))), { minLength: 1, maxLength: 20 }),
      newLine: fc.constantFrom('\n', '\r\n'),
      end: fc.constantFrom('none', 'one', 'blank'),
    })
  })
  .map(({ format, columns, header, mark, rows, newLine, end }) => {
    const delimiter = format.delimiter ?? ','
    const lines = [...(header === null ? [] : [header]), ...rows].map((cells) => cells.join(delimiter))
    const tail = { none: '', one: newLine, blank: newLine + newLine }[end]
    return { format, columns, period, text: mark + lines.join(newLine) + tail, rows: rows.length }
  })

/** A dataset whose files have a format. */
export function csvDataset(format: SourceFormat): DatasetId & { readonly dataType: DataType } {
  const stem = `binance/${format.markets[0] ?? ''}/${format.dataType}/BTCUSDT`
  return parseDatasetId(isBarType(format.dataType) ? `${stem}/1h` : stem)
}

function headerOf(header: SourceFormat['header'], names: fc.Arbitrary<string[]>): fc.Arbitrary<string[] | null> {
  if (header === undefined) return fc.option(names)
  return header === 'present' ? names : fc.constant(null)
}

function headerName({ name, aliases = [] }: SourceColumn, format: SourceFormat): fc.Arbitrary<string> {
  const translations = format.translatedHeader === true ? ['', '/方向', '/\ufffd\ufffd'] : ['']
  return fc.tuple(fc.constantFrom(name, ...aliases), fc.constantFrom(...translations)).map((parts) => parts.join(''))
}

function cell(column: SourceColumn, style: Style): fc.Arbitrary<string> {
  const value = filledCell(column, style)
  const { nullable, emptyAs } = column
  const empty = fc.constantFrom('', '""', ...(emptyAs === undefined ? [] : [emptyAs]))
  return nullable === true ? fc.oneof({ weight: 4, arbitrary: value }, empty) : value
}

function filledCell(column: SourceColumn, style: Style): fc.Arbitrary<string> {
  const maySign = column.signed === true || column.kind === 'signed-size'
  switch (column.kind) {
    case 'time':
      return time(column, style)
    case 'hour':
      return fc.integer({ min: 0, max: 23 }).map((hour) => (hour % 2 === 0 ? String(hour) : `0${hour}`))
    case 'integer':
      return fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })).map(String)
    case 'uuid':
      return fc.uuid().map((uuid) => (style.capital ? uuid.toUpperCase() : uuid))
    case 'decimal':
    case 'signed-size':
      return fc
        .tuple(fc.boolean(), decimal, fc.constantFrom('', 'e3', 'E+1', 'E-12'))
        .map(
          ([minus, text, exponent]) =>
            (minus && maySign ? '-' : '') + text + (column.exponent === true ? exponent : ''),
        )
    case 'flag':
    case 'buyer-maker':
      return fc.boolean().map((flag) => (style.capital ? (flag ? 'True' : 'False') : String(flag)))
    case 'word':
      return fc.constantFrom(...Object.keys(column.words ?? {}))
    case 'text':
      return fc.oneof(fc.constantFrom('LIMIT', 'BTC-231027-33000-C', 'é', 'x'.repeat(64)), fc.nat(200).map(String))
    case 'symbol':
      return fc.constant('BTCUSDT')
    case 'received':
    case 'ignored':
      return fc.constantFrom('0', '', 'text é', '12.5')
  }
}

/** Up to 17 digits, and the zeros around them that archives write. */
const decimal = fc
  .record({
    digits: fc.array(fc.nat(9), { minLength: 1, maxLength: 17 }),
    places: fc.nat(17),
    zeros: fc.nat(8),
  })
  .map(({ digits, places, zeros }) => {
    const all = digits.join('').padStart(places + 1, '0')
    const point = all.length - places
    return places === 0 ? all : `${all.slice(0, point)}.${all.slice(point)}${'0'.repeat(zeros)}`
  })

function time(column: SourceColumn, style: Style): fc.Arbitrary<string> {
  const micros = fc.integer({ min: period.from, max: period.to - 1 })
  switch (column.unit ?? 'epoch') {
    case 'seconds':
      return fc.tuple(micros, fc.nat(9)).map(([at, places]) => {
        const whole = String(Math.floor(at / 1e6))
        const fraction = String(at % 1e6)
          .padStart(6, '0')
          .padEnd(9, '7')
          .slice(0, places)
        return places === 0 ? whole : `${whole}.${fraction}`
      })
    case 'nanoseconds':
      return fc.tuple(micros, fc.constantFrom('000', '001', '999')).map(([at, end]) => `${at}${end}`)
    case 'text':
      if (style.calendar) return micros.map((at) => calendarText(at))
      return epoch(micros, style)
    case 'metatrader':
      return micros.map((at) =>
        formatInstant(at + (column.utcOffset ?? 0))
          .slice(0, 16)
          .replaceAll('-', '.')
          .replace('T', ' '),
      )
    case 'epoch':
      return epoch(micros, style)
  }
}

function epoch(micros: fc.Arbitrary<number>, style: Style): fc.Arbitrary<string> {
  return micros.map((at) => (style.unit === 'ms' ? String(Math.floor(at / 1000)) : String(at)))
}

/** The ways to write it, each for some instants. */
function calendarText(at: number): string {
  const text = formatInstant(at)
  const ways = [text, text.replace('T', ' '), text.slice(0, 19).replace('T', ' '), text.slice(0, 19), text.slice(0, 10)]
  return ways[at % ways.length] ?? text
}
