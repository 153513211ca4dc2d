import { parseDatasetId, parsePeriod } from '@lake/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecimalReader } from './decimal-reader.ts'
import { FlagReader } from './flag-reader.ts'
import { IgnoredReader } from './ignored-reader.ts'
import { parseArchiveFile } from './index.ts'
import { IntegerReader } from './integer-reader.ts'
import { plainColumns } from './plain-columns.ts'
import { readPlainRows } from './plain-rows.ts'
import { makeStrip } from './strip.ts'
import { makeZip } from './testing/make-zip.ts'
import { formatFor } from './testing/real-files.ts'
import { referenceRows } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

const COMMA = 44

/** Texts of cells, right and wrong, near to what the loop has to tell apart. */
const digits = (maxLength: number) => fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), maxLength })
const decimals = fc
  .tuple(fc.constantFrom('', '', '', '', '', '-', '+'), digits(11), fc.constantFrom('.', '.', '.', ''), digits(11))
  .map((parts) => parts.join(''))
const integers = fc.oneof(digits(20), fc.maxSafeNat().map(String), fc.constant('9007199254740993'))
const flags = fc.constantFrom('true', 'True', 'false', 'False', 'true', 'False', 'TRUE', 'tru', 'falsey', '')
const texts = fc.constantFrom('', '0', '12.5', 'text é', 'a"b', 'a\rb', 'a\u0000')
const lines = fc.record({
  cells: fc.tuple(decimals, integers, flags, decimals, texts),
  end: fc.constantFrom('\n', '\n', '\r\n', '\r\r\n', ' \n'),
})

test('a row is read as its readers read it, or not at all', () => {
  let read = 0
  fc.assert(
    fc.property(lines, fc.integer({ min: 6, max: 12 }), ({ cells, end }, places) => {
      const bytes = Buffer.from(cells.join(',') + end)
      const plain = openColumns(places)
      const columns = plainColumns(plain)
      if (columns === undefined) throw new Error('these readers have plain cells')
      const result = readPlainRows(columns, { bytes, position: 0, row: 0, limit: 1, delimiter: COMMA })
      const other = openColumns(places)
      const isRight = readByColumns(other, Buffer.from(cells.join(',') + end.replace('\r\n', '\n')))
      if (result.row === 0) {
        expect(result.position).toBe(0)
        // What is left to the readers is wrong, or out of the ordinary.
        expect(isRight && isOrdinary(cells, places)).toBe(false)
        return
      }
      read++
      expect(isRight).toBe(true)
      expect(result).toEqual({ row: 1, position: bytes.length, last: 0, repeated: 0 })
      expect(valuesOf(plain)).toEqual(valuesOf(other))
    }),
    { numRuns: 20_000 },
  )
  expect(read).toBeGreaterThan(300)
})

test('rows of all kinds, one after the other, are those of a slow and obvious parser', async () => {
  const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
  const period = parsePeriod('2024-01')
  const format = formatFor(dataset)
  const odd = fc.oneof(
    { weight: 30, arbitrary: fc.constant('') },
    fc.constantFrom('long', 'places', 'return', 'again', 'empty', 'zeros', 'whole'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(odd, { minLength: 20, maxLength: 400 }), fc.nat(99), async (oddities, seed) => {
      const rows = oddities.flatMap((oddity, nth) => klineOf(period.from / 1000 + nth * 60_000, oddity, seed + nth))
      const text = rows.join('')
      const bytes = makeZip([{ name: 'BTCUSDT-1m-2024-01.csv', content: Buffer.from(text) }])
      const file = { bytes, name: 'BTCUSDT-1m-2024-01.zip', dataset, period, formats: [format] }
      const { table, report } = await parseArchiveFile(file)
      expect(tableRows(table)).toEqual(referenceRows(text, format, period))
      expect(report.fingerprint.repeatedRows).toBe(rows.filter((row, nth) => row === rows[nth - 1]).length)
      const longs = oddities.filter((oddity) => oddity === 'long').length
      expect(report.inexact).toEqual(longs === 0 ? {} : { volume: longs })
      const placesOf = (row: string): number => (row.split(',')[2] ?? '').split('.')[1]?.length ?? 0
      expect(report.fingerprint.places['high']).toBe(Math.max(...rows.map(placesOf)))
    }),
    { numRuns: 60 },
  )
}, 60_000)

function openColumns(places: number) {
  const options = { nullable: false, exponent: false, mostPlaces: Infinity }
  const readers = [
    new DecimalReader({ ...options, signed: true }),
    new IntegerReader(false),
    new FlagReader(false),
    new DecimalReader({ ...options, signed: false }),
    new IgnoredReader(COMMA),
  ] as const
  for (const reader of readers) {
    if ('reserve' in reader) reader.reserve(1)
    if (reader instanceof DecimalReader) reader.places = places
  }
  return readers
}

type Readers = ReturnType<typeof openColumns>

function readByColumns(readers: Readers, bytes: Buffer): boolean {
  const strip = { ...makeStrip(), bytes, count: 1 }
  const isRight = readers.every((reader, column) => reader.read(strip, column === 4 ? 10 : COMMA) === 1)
  if (isRight) for (const reader of readers) if ('settle' in reader) reader.settle()
  return isRight && strip.positions[0] === bytes.length
}

function valuesOf([signed, integer, flag, unsigned]: Readers) {
  const counts = [signed.inexact, unsigned.inexact]
  return [signed.take(1), integer.take(1), flag.take(1), unsigned.take(1), counts]
}

/** What nearly all cells of archives are. */
function isOrdinary(cells: readonly string[], places: number): boolean {
  const [signed = '', integer = '', , unsigned = ''] = cells
  const isShort = (text: string): boolean => (text.split('.')[1]?.length ?? 0) <= places
  return isShort(signed) && isShort(unsigned) && integer.length <= 16 && Number(integer) <= Number.MAX_SAFE_INTEGER
}

/** A row of klines, or two equal ones. */
function klineOf(open: number, oddity: string, seed: number): string[] {
  const price = oddity === 'places' ? `4.${'123456789012'.slice(0, 1 + (seed % 12))}` : `4${seed % 1000}.50`
  const volume = { long: '123456789.123456789', empty: '0', zeros: `00${seed}.0`, whole: '12345678901' }[oddity]
  const cells = [
    open,
    '1.00',
    price,
    '0.50',
    '2.25',
    volume ?? `${seed}.5`,
    open + 59_999,
    '3.5',
    seed,
    '0',
    '0.001',
    0,
  ]
  const line = `${cells.join(',')}${oddity === 'return' ? '\r\n' : '\n'}`
  return oddity === 'again' ? [line, line] : [line]
}
