import { parsePeriod, type Period, type SourceColumn, type SourceFormat } from '@lake/core'
import fc from 'fast-check'
import { formats } from './real-files.ts'

/** A CSV that a format describes, in one of the ways to write it. */
export interface ArbitraryCsv {
  readonly format: SourceFormat
  readonly period: Period
  readonly text: string
  readonly rows: number
}

const period = parsePeriod('2025-03')

/** CSVs of every format, in both units, with all that may differ: header, line ends, spelling, number of digits. */
export const arbitraryCsv: fc.Arbitrary<ArbitraryCsv> = fc
  .record({ format: fc.constantFrom(...formats), unit: fc.constantFrom('ms', 'us'), capital: fc.boolean() })
  .chain(({ format, unit, capital }) =>
    fc.record({
      format: fc.constant(format),
      header: fc.option(
        fc.tuple(...format.columns.map(({ name, aliases }) => fc.constantFrom(name, ...(aliases ?? [])))),
      ),
      mark: fc.constantFrom('', '\ufeff'),
      rows: fc.array(fc.tuple(...format.columns.map((column) => cell(column, unit, capital))), {
        minLength: 1,
        maxLength: 20,
      }),
      newLine: fc.constantFrom('\n', '\r\n'),
      end: fc.constantFrom('none', 'one', 'blank'),
    }),
  )
  .map(({ format, header, mark, rows, newLine, end }) => {
    const lines = [...(header === null ? [] : [header]), ...rows].map((cells) => cells.join(','))
    const tail = { none: '', one: newLine, blank: newLine + newLine }[end]
    return { format, period, text: mark + lines.join(newLine) + tail, rows: rows.length }
  })

function cell(column: SourceColumn, unit: string, capital: boolean): fc.Arbitrary<string> {
  switch (column.kind) {
    case 'time':
      return time(unit)
    case 'integer':
      return fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })).map(String)
    case 'decimal':
      return fc
        .tuple(fc.boolean(), decimal)
        .map(([minus, text]) => (minus && column.signed === true ? `-${text}` : text))
    case 'flag':
    case 'buyer-maker':
      return fc.boolean().map((flag) => (capital ? (flag ? 'True' : 'False') : String(flag)))
    default:
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

function time(unit: string): fc.Arbitrary<string> {
  const perUnit = unit === 'ms' ? 1000 : 1
  return fc.integer({ min: period.from / perUnit, max: period.to / perUnit - 1 }).map(String)
}
