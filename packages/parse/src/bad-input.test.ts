import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchive } from './index.ts'
import { formatFor } from './testing/real-files.ts'
import { referenceRows, type ReferenceRow } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

/*
 * What spreadsheets, editors and broken writers make of a CSV, one by one; bad-archives.test.ts has what is around the
 * CSV. Each stands in the first row, which the readers of the columns read, behind many plain rows, which one loop
 * reads, and behind more than 8 MiB of a stream. What is taken is also what the slow reference takes.
 */
const period = parsePeriod('2024-01-01')
const START = period.from / 1000
const KLINES = parseDatasetId('binance/um/klines/BTCUSDT/1m')
const PREMIUM = parseDatasetId('binance/um/premiumIndexKlines/BTCUSDT/1m')

interface Place {
  readonly where: string
  /** How many rows are in front of the odd one, and how much text is in the last column of each. */
  readonly rows: number
  readonly padding: number
}

const PLACES: readonly Place[] = [
  { where: 'in the first row', rows: 0, padding: 0 },
  { where: 'behind plain rows', rows: 100, padding: 0 },
  { where: 'far into a stream', rows: 140, padding: 65_000 },
]

interface BadCell {
  readonly what: string
  readonly column: number
  readonly cell: string
  readonly why: string
  /** Where the cell itself is told; absent when the line as a whole is wrong. */
  readonly name?: string
}

const OPEN = { column: 1, name: 'open' }
const TIME = { column: 0, name: 'open_time', why: 'is not an epoch time in milliseconds or microseconds' }
const NO_DECIMAL = 'is not a decimal number'

const BAD_CELLS: readonly BadCell[] = [
  { what: 'two BOMs', ...TIME, cell: `\ufeff\ufeff${START}` },
  { what: 'a BOM in a number', ...OPEN, cell: '\ufeff1', why: NO_DECIMAL },
  { what: 'a lone CR in a number', ...OPEN, cell: '1\r', why: NO_DECIMAL },
  { what: 'a lone CR in a text', column: 11, name: 'ignore', cell: '0\r0', why: 'is not plain text' },
  { what: 'two CRs at the end', column: 11, name: 'ignore', cell: '0\r\r', why: 'is not plain text' },
  { what: 'a lone CR for an end of line', column: 11, cell: `0\r${START}`.padEnd(30, ',1'), why: 'columns, not 12' },
  { what: 'quotes around nothing', ...OPEN, cell: '""', why: NO_DECIMAL },
  { what: 'quotes around a number', ...OPEN, cell: '"1.5"', why: NO_DECIMAL },
  { what: 'quotes around a time', ...TIME, cell: `"${START}"` },
  { what: 'a quoted comma', column: 11, cell: '"0,0"', why: 'has 13 columns, not 12' },
  { what: 'a quote that stays open', column: 11, name: 'ignore', cell: '"0', why: 'is not plain text' },
  { what: 'a NUL byte for a number', ...OPEN, cell: '\u0000', why: NO_DECIMAL },
  { what: 'a NUL byte in a number', ...OPEN, cell: '1\u0000.5', why: NO_DECIMAL },
  { what: 'a NUL byte in a text', column: 11, name: 'ignore', cell: 'a\u0000b', why: 'is not plain text' },
  { what: 'a line of 1 MB', column: 11, cell: 'x'.repeat(2 ** 20), why: 'is longer than 64 KiB' },
  { what: 'a number of 1 MB', column: 1, cell: '1'.repeat(2 ** 20), why: 'is longer than 64 KiB' },
  { what: 'thousands separators', column: 1, cell: '42,283.58', why: 'has 13 columns, not 12' },
  { what: 'thousands separated by points', ...OPEN, cell: '42.283.58', why: NO_DECIMAL },
  { what: 'thousands separated by apostrophes', ...OPEN, cell: "42'283.58", why: NO_DECIMAL },
  { what: 'thousands separated by spaces', ...OPEN, cell: '42 283.58', why: NO_DECIMAL },
  { what: 'thousands separated by underscores', ...OPEN, cell: '42_283.58', why: NO_DECIMAL },
  { what: 'a time of a spreadsheet', ...TIME, cell: '1.70407E+12' },
  { what: 'a time with a point', ...TIME, cell: `${START}.0` },
  { what: 'a negative time', ...TIME, cell: `-${START}` },
  { what: 'a price of a spreadsheet', ...OPEN, cell: '4.22836E+04', why: NO_DECIMAL },
  ...['NaN', 'nan', 'Infinity', '-Infinity', '+Infinity', 'inf', 'null', '', ' 1', '0x10', '+1', '.5', '5.'].map(
    (cell) => ({ what: JSON.stringify(cell), ...OPEN, cell, why: NO_DECIMAL }),
  ),
  { what: '-0', ...OPEN, cell: '-0', why: 'is negative' },
  { what: '1e400', ...OPEN, cell: '1e400', why: NO_DECIMAL },
  { what: 'a number of 401 digits', ...OPEN, cell: `1${'0'.repeat(400)}`, why: 'is too large for a number' },
  { what: 'a negative price', ...OPEN, cell: '-42283.58', why: 'is negative' },
  { what: 'a negative volume', column: 5, name: 'volume', cell: '-0.001', why: 'is negative' },
]

describe.each(PLACES)('$where', (place) => {
  test.each(BAD_CELLS)('$what is refused', async ({ column, cell, why, name = null }) => {
    const text = csv(place, column, cell)
    const error = await read(text, KLINES).catch((thrown: unknown) => thrown)
    if (!LakeError.is(error)) throw new Error('nothing was refused')
    // In front of the first digit of a file a header is expected.
    if (error.code === 'BAD_FORMAT') expect([place.rows, column, /^\d/.test(cell)]).toEqual([0, 0, false])
    else {
      expect(error.message).toContain(why)
      expect(error).toMatchObject({ code: 'BAD_ROW', details: { line: place.rows + 1, column: name } })
    }
    if (place.padding === 0) expect(referenceRows(text, formatFor(KLINES), period, KLINES)).toBeUndefined()
  })

  test.each([
    ['-0', '0'],
    ['-0.00000000', '0'],
    ['-0.00041000', '-0.00041'],
    ['-0.00000000000000000001', '-0.00000000000000000001'],
    ['0.00041000', '0.00041'],
  ])('a premium of %s is %s', async (cell, expected) => {
    const text = csv(place, 1, cell)
    const rows = await read(text, PREMIUM)
    expect(rows).toHaveLength(place.rows + 2)
    expect(rows.at(-2)?.['open']).toBe(expected)
    if (place.padding === 0) expect(rows).toEqual(referenceRows(text, formatFor(PREMIUM), period, PREMIUM))
  })

  test.each([9, 18, 19, 30])('%i zeros in front of numbers change nothing', async (zeros) => {
    const plain = await read(csv(place, 1, '1.25'), KLINES)
    const text = csv(place, 1, '1.25')
      .split('\n')
      .map((line, row) => (row === place.rows ? padded(line, zeros) : line))
    expect(await read(text.join('\n'), KLINES)).toEqual(plain)
  })

  test.each([
    ['a BOM at the beginning', (text: string) => `\ufeff${text}`],
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CRLF in the last line alone', (text: string) => text.replace(/\n$/, '\r\n')],
    ['no line feed at the end', (text: string) => text.replace(/\n$/, '')],
    ['a blank line at the end', (text: string) => `${text}\n`],
  ])('%s changes nothing', async (_, change) => {
    const text = csv(place, 1, '1.25')
    const rows = await read(change(text), KLINES)
    expect(rows.at(-2)?.['open']).toBe('1.25')
    expect(rows).toEqual(await read(text, KLINES))
  })
})

describe('a file whose lines end with a lone CR is one line, and refused as such', () => {
  const text = csv({ where: '', rows: 20, padding: 0 }, 1, '1.25').replaceAll('\n', '\r')
  const hint = / \(a carriage return alone ends no line: lines must end in LF or CRLF\)\. Nothing/

  test('without a header', async () => {
    const refusal = read(text, KLINES)
    await expect(refusal).rejects.toThrow(/line 1 has \d+ columns, not 12: '\d{13},[^']*…'/)
    await expect(refusal).rejects.toThrow(hint)
  })

  test('with a header', async () => {
    const header = formatFor(KLINES).columns.map(({ name }) => name)
    const refusal = read(`${header.join()}\r${text}`, KLINES)
    await expect(refusal).rejects.toThrow(/line 1: column 12 of the header is 'ignore\\u\{d\}\d{13}'/)
    await expect(refusal).rejects.toThrow(hint)
  })
})

test('a file of 9 MB without a line end is refused by its first 64 KiB', async () => {
  await expect(read('1'.repeat(9 * 2 ** 20), KLINES)).rejects.toThrow(
    /line 1 is longer than 64 KiB: '1{60}…'\. Nothing/,
  )
})

/** Plain rows, one with an odd cell, and a plain one. */
function csv({ rows, padding }: Place, column: number, cell: string): string {
  const last = '0'.padEnd(padding, '0')
  const lines = Array.from({ length: rows + 2 }, (_, row) => {
    const open = START + row * 60_000
    const cells = [open, '1.50000000', '2.5', '0.5', '1', '10', open + 59_999, '15', '3', '5', '7.5', last]
    return cells.map((value, at) => (row === rows && at === column ? cell : value)).join(',')
  })
  return `${lines.join('\n')}\n`
}

/** With zeros in front of every number of a line. */
function padded(line: string, zeros: number): string {
  return line.replaceAll(/(?<=^|,)/g, '0'.repeat(zeros))
}

/** The rows of a CSV that comes in pieces; what is above 8 MiB is read as it comes. */
async function read(text: string, dataset: typeof KLINES): Promise<ReferenceRow[]> {
  const bytes = Buffer.from(text)
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < bytes.length; at += 2 ** 18) yield bytes.subarray(at, at + 2 ** 18)
  }
  const formats = [{ ...formatFor(dataset), container: 'csv' as const }]
  const rows: ReferenceRow[] = []
  for await (const { table } of parseArchive({ source: source(), name: 'x.csv', dataset, period, formats })) {
    rows.push(...tableRows(table))
  }
  return rows
}
