import { LakeError, type PageFormat, parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { describe, expect, test } from 'vitest'
import { parsePageTables } from '../index.ts'
import { makePage } from '../testing/make-page.ts'
import type { ReferenceRow } from '../testing/reference.ts'
import { tableRows } from '../testing/table-rows.ts'

/*
 * The list of bad-input.test.ts for answers and frames in JSON, each as a page and as a line of many: what a CSV has in
 * a cell stands here as a JSON number and as a text.
 */
const START = 1_704_067_200_000

const FORMS = [
  { how: 'a page', lines: false },
  { how: 'a line of many', lines: true },
]

describe.each(FORMS)('in $how', ({ lines }) => {
  const read = (type: 'klines' | 'premiumIndexKlines', cells: Readonly<Record<number, string>>, wrap = asItIs) =>
    parse(type, wrap(row(START, {}), row(START + 60_000, cells), lines), lines)

  test.each([
    ['a BOM', '\ufeff1.5', 'BAD_FORMAT'],
    ['a BOM in a text', '"\ufeff1.5"', 'BAD_ROW'],
    ['a CR in a text', '"1.5\r"', 'BAD_FORMAT'],
    ['an escaped CR in a text', String.raw`"1.5\r"`, 'BAD_ROW'],
    ['quotes in a text', String.raw`"\"1.5\""`, 'BAD_ROW'],
    ['a quote that stays open', '"1.5', 'BAD_FORMAT'],
    ['single quotes', "'1.5'", 'BAD_FORMAT'],
    ['a NUL byte', '\u0000', 'BAD_FORMAT'],
    ['a NUL byte in a text', '"1\u0000.5"', 'BAD_FORMAT'],
    ['an escaped NUL byte', String.raw`"1\u0000.5"`, 'BAD_ROW'],
    ['a text of 1 MB', `"${'x'.repeat(2 ** 20)}"`, 'BAD_ROW'],
    ['a number of 1 MB', '1'.repeat(2 ** 20), 'BAD_ROW'],
    ['1 MB of brackets', '['.repeat(2 ** 20), 'BAD_FORMAT'],
    ['thousands separators in a text', '"42,283.58"', 'BAD_ROW'],
    ['thousands separated by apostrophes', `"42'283.58"`, 'BAD_ROW'],
    ['thousands separated by underscores', '42_283.58', 'BAD_FORMAT'],
    ['NaN', 'NaN', 'BAD_FORMAT'],
    ['NaN as a text', '"NaN"', 'BAD_ROW'],
    ['Infinity', 'Infinity', 'BAD_FORMAT'],
    ['-Infinity', '-Infinity', 'BAD_FORMAT'],
    ['Infinity as a text', '"Infinity"', 'BAD_ROW'],
    ['-0', '-0', 'BAD_ROW'],
    ['-0 as a text', '"-0"', 'BAD_ROW'],
    ['1e400', '1e400', 'BAD_ROW'],
    ['1e400 as a text', '"1e400"', 'BAD_ROW'],
    ['an exponent of 1 MB', `1e${'9'.repeat(2 ** 20)}`, 'BAD_ROW'],
    ['a number of 401 digits', `1${'0'.repeat(400)}`, 'BAD_ROW'],
    ['a negative price', '-42283.58', 'BAD_ROW'],
    ['a negative price as a text', '"-42283.58"', 'BAD_ROW'],
  ])('%s is refused for a price', async (_, json, code) => {
    const error = await read('klines', { 1: json }).catch((thrown: unknown) => thrown)
    if (!LakeError.is(error)) throw new Error('nothing was refused')
    expect(error.code).toBe(code)
    if (code === 'BAD_ROW') expect(error.details).toMatchObject({ field: 'open' })
    expect(error.message.length).toBeLessThan(500)
  })

  test.each([
    '1.70407E+12',
    '"1.70407E+12"',
    '"1.70407E12"',
    '-1704067200000',
    '1704067200000.5',
    '1e400',
    '"NaN"',
    'null',
  ])('a time of %s is refused', async (json) => {
    const reading = read('klines', { 0: json })
    await expect(reading).rejects.toMatchObject({ code: 'BAD_ROW', details: { field: 'open_time' } })
  })

  test.each([
    ['-0', '0'],
    ['"-0.00000000"', '0'],
    ['"-0.00041000"', '-0.00041'],
    ['-4.1e-4', '-0.00041'],
  ])('a premium of %s is %s', async (json, expected) => {
    const rows = await read('premiumIndexKlines', { 1: json })
    expect(rows.map(({ open }) => open)).toEqual(['1.5', expected])
  })

  test.each([9, 18, 19, 23, 400])('%i zeros in front of a text change nothing', async (zeros) => {
    const texts = [`"${'0'.repeat(zeros)}${START + 60_000}"`, `"${'0'.repeat(zeros)}1.5"`, `"${'0'.repeat(zeros)}3"`]
    const [time = '', price = '', count = ''] = texts
    expect(await read('klines', { 0: time, 1: price, 8: count })).toEqual(await read('klines', {}))
  })

  test('CRLF around it changes nothing', async () => {
    const crlf: typeof asItIs = (...parts) => `${asItIs(...parts).replaceAll('\n', '\r\n')}\r\n`
    expect(await read('klines', {}, crlf)).toEqual(await read('klines', {}))
  })
})

test('lines that end with a lone CR are one, and refused as such', async () => {
  const body = asItIs(row(START, {}), row(START + 60_000, {}), true).replaceAll('\n', '\r')
  await expect(parse('klines', body, true)).rejects.toMatchObject({ code: 'BAD_FORMAT', details: { line: 1 } })
})

/** Both rows in a list, or each in one on a line of its own. */
function asItIs(first: string, second: string, lines: boolean): string {
  return lines ? `[${first}]\n[${second}]` : `[${first},\n${second}]`
}

function row(open: number, cells: Readonly<Record<number, string>>): string {
  const own = [
    `${open}`,
    '"1.5"',
    '"2.5"',
    '"0.5"',
    '"1"',
    '"10"',
    `${open + 59_999}`,
    '"15"',
    '3',
    '"5"',
    '"7.5"',
    '"0"',
  ]
  return `[${own.map((json, at) => cells[at] ?? json).join(',')}]`
}

async function parse(type: 'klines' | 'premiumIndexKlines', body: string, lines: boolean): Promise<ReferenceRow[]> {
  const id = `binance/um/${type}/BTCUSDT/1m`
  const format = formatOf(type)
  const { tables } = await parsePageTables({
    pages: [makePage({ dataset: id, series: format.id, body, lines })],
    dataset: parseDatasetId(id),
    series: [{ id: format.id, format }],
  })
  return tables.flatMap(({ table }) => tableRows(table))
}

function formatOf(type: string): PageFormat {
  const series = binance.rest?.series.find(({ format }) => format.dataType === type && format.markets.includes('um'))
  if (series === undefined) throw new Error(`no pages of ${type}`)
  return series.format
}
