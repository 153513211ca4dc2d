import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchiveFile } from './index.ts'
import { makeZip } from './testing/make-zip.ts'
import { formats, realFile, type TestFile } from './testing/real-files.ts'

const minutes = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')
const lines = minutes.csv.trimEnd().split('\n')
const KLINE_HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'

const funding = realFile('binance/um/fundingRate/BTCUSDT', '2026-04')
const trades: TestFile = {
  name: 'BTCUSDT-aggTrades-2020-01-01.zip',
  bytes: Buffer.alloc(0),
  dataset: parseDatasetId('binance/spot/aggTrades/BTCUSDT'),
  period: parsePeriod('2020-01-01'),
  formats,
}

describe('a CSV is read', () => {
  test.each<[string, string, number]>([
    ['without a last line feed', lines.join('\n'), 1440],
    ['with a blank last line', `${minutes.csv}\n`, 1440],
    ['with CRLF', lines.map((line) => `${line}\r\n`).join(''), 1440],
    ['with CRLF and a blank last line', lines.map((line) => `${line}\r\n`).join('') + '\r\n', 1440],
    ['with CRLF, cut off before the last line feed', `${lines.join('\r\n')}\r`, 1440],
    ['with a header', `${KLINE_HEADER}\n${minutes.csv}`, 1440],
    ['with a header and CRLF', `${KLINE_HEADER}\r\n${lines.join('\r\n')}`, 1440],
    ['with a byte order mark', `\ufeff${minutes.csv}`, 1440],
    ['with a byte order mark and a header', `\ufeff${KLINE_HEADER}\n${minutes.csv}`, 1440],
    ['with one row', lines[7] ?? '', 1],
    ['with names of another era', `${KLINE_HEADER.replace('count', 'number_of_trades')}\n${minutes.csv}`, 1440],
    ['with any text in a column that is ignored', withCell(3, 11, 'some text'), 1440],
    ['with nothing in a column that is ignored', withCell(3, 11, ''), 1440],
    ['with a line of 64 KiB', withCell(3, 11, 'x'.repeat(65_536 - (lines[3] ?? '').length + 1)), 1440],
  ])('%s', async (_, csv, rows) => {
    const { report } = await parseArchiveFile({ ...minutes, bytes: zipOf(minutes, csv) })
    expect(report).toMatchObject({ rows, header: csv.includes('open_time'), bytes: Buffer.byteLength(csv) })
  })
})

describe('a row is refused', () => {
  test('with a message that says where, what, what is left and what to do', async () => {
    const error = await refusalOf(minutes, withCell(16, 4, '7l94.87'))
    expect(error.message).toBe(
      "BTCUSDT-1m-2020-01-01.csv line 17, column close: '7l94.87' is not a decimal number. " +
        'Nothing of this file was taken; compare it with its published checksum and fetch it again, or leave it out.',
    )
    expect(error.code).toBe('BAD_ROW')
    expect(error.details).toEqual({ file: 'BTCUSDT-1m-2020-01-01.csv', line: 17, column: 'close', value: '7l94.87' })
  })

  test('by its line in the file, header included', async () => {
    const error = await refusalOf(minutes, `${KLINE_HEADER}\n${withCell(16, 4, '')}`)
    expect(error.message).toContain("line 18, column close: '' is not a decimal number")
  })

  test.each([
    '',
    ' 1',
    '1 ',
    '1e5',
    '1E5',
    '5.703e-05',
    '1e400',
    '1.70027E+12',
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    '+1',
    '1_000',
    '0x10',
    '.5',
    '5.',
    '1.2.3',
    '--1',
    '-',
    '.',
    '１２',
    '1\u0000',
    '"1.5"',
    "'1'",
    '1\r',
    '1\t',
    'null',
    '1.5a',
    '1.-5',
    '∞',
    '12345678901234567890x',
  ])('with %j for a decimal number', async (value) => {
    const error = await refusalOf(minutes, withCell(2, 1, value))
    expect(error.message).toContain('line 3, column open: ')
    expect(error.message).toContain(' is not a decimal number')
  })

  test.each([
    ['-1', 'is negative'],
    ['-0.5', 'is negative'],
    ['-0', 'is negative'],
    ['9'.repeat(400), 'is too large for a number'],
  ])('with %s for a price, because it %s', async (value, why) => {
    expect((await refusalOf(minutes, withCell(2, 1, value))).message).toContain(why)
  })

  test.each(['', '-5', '+5', '1.0', '1e3', '0x1f', '1,5', 'abc', '5 '])('with %j for a count', async (value) => {
    const error = await refusalOf(minutes, withCell(2, 8, value))
    expect(error.message).toMatch(/column count: '.*' is not a whole number|has 13 columns, not 12/)
  })

  test.each(['9223372036854775808', '18446744073709551616', '9'.repeat(30)])('with %s for an id', async (value) => {
    const error = await refusalOf(trades, `${value},1,1,1,1,1577836800000,True,True`)
    expect(error.message).toContain(`column agg_trade_id: '${value}' is larger than an int64`)
  })

  test.each(['', 'TRUE', 'yes', '1', 'tru', 'truE', 'Falsey', 'fals', 'truee', ' True'])(
    'with %j for a flag',
    async (value) => {
      for (const [index, name] of [
        [6, 'is_buyer_maker'],
        [7, 'is_best_match'],
      ] as const) {
        const cells = ['1', '1', '1', '1', '1', '1577836800000', 'False', 'True']
        cells[index] = value
        const error = await refusalOf(trades, cells.join(','))
        expect(error.message).toContain(`column ${name}: '${value}' is neither true nor false`)
      }
    },
  )

  test.each([
    [
      '1577836799999',
      'is 2019-12-31T23:59:59.999Z, outside the period of the file 2020-01-01T00:00:00Z..2020-01-02T00:00:00Z',
    ],
    ['1577923200000', 'is 2020-01-02T00:00:00Z, outside the period of the file'],
    [
      '1577836800',
      'is 1970-01-19T06:17:16.8Z, outside the period of the file 2020-01-01T00:00:00Z..2020-01-02T00:00:00Z; in seconds it would lie within',
    ],
    [
      '1577750400',
      'is 1970-01-19T06:15:50.4Z, outside the period of the file 2020-01-01T00:00:00Z..2020-01-02T00:00:00Z. Nothing',
    ],
    ['1577836860000000', 'is a time in microseconds, but the times before it are in milliseconds'],
    ['1577836860000000000', 'is a time in microseconds, but the times before it are in milliseconds'],
    ['2020-01-01 00:01:00', 'is not an epoch time in milliseconds or microseconds'],
    ['-1577836860000', 'is not an epoch time'],
    ['', 'is not an epoch time'],
  ])('with %s for a time', async (value, why) => {
    const error = await refusalOf(minutes, withCell(1, 0, value))
    expect(error.message).toContain(`line 2, column open_time: '${value}' ${why}`)
  })

  test('with nanoseconds from the first row on', async () => {
    const error = await refusalOf(minutes, withCell(0, 0, '1577836800000000000'))
    expect(error.message).toContain(
      "line 1, column open_time: '1577836800000000000' is too large for a time; in nanoseconds it would lie within",
    )
  })

  test('with a close time in another unit or beyond all time', async () => {
    expect((await refusalOf(minutes, withCell(0, 6, '1577836859999999'))).message).toContain(
      'is a time in microseconds',
    )
    expect((await refusalOf(minutes, withCell(0, 6, '99999999999999'))).message).toContain('is too large for a time')
    const micros = realFile('binance/spot/klines/BTCUSDT/1h', '2026-05-08')
    const csv = micros.csv.replace('1778201999999999', '1778201999999')
    expect((await refusalOf(micros, csv)).message).toContain(
      'is a time in milliseconds, but the times before it are in microseconds',
    )
  })

  test('with an event in a month that is not the file’s', async () => {
    const error = await refusalOf(funding, '1777593600000,8,0.0001')
    expect(error.message).toContain('outside the period of the file 2026-04-01T00:00:00Z..2026-05-01T00:00:00Z')
  })

  test.each([
    ['a column too few', cut(lines[4], -2), 'line 5 has 11 columns, not 12'],
    ['a column too many', `${lines[4]},0`, 'line 5 has 13 columns, not 12'],
    ['only a number', '5', 'line 5 has 1 columns, not 12'],
    ['nothing', '', 'line 5 is blank, but more lines follow'],
    ['only a carriage return', '\r', 'line 5 is blank, but more lines follow'],
    ['two rows in one', `${lines[4]}\r${lines[5]}`, 'line 5 has 23 columns, not 12'],
    ['a quoted comma', `${cut(lines[4], -1)}"0,0"`, 'line 5 has 13 columns, not 12'],
    [
      'a quote in a column that is ignored',
      `${cut(lines[4], -1)}"0"`,
      `line 5, column ignore: '"0"' is not plain text`,
    ],
    [
      'a NUL in a column that is ignored',
      `${cut(lines[4], -1)}\u0000`,
      "line 5, column ignore: '\\u{0}' is not plain text",
    ],
    ['a second header', KLINE_HEADER, "line 5, column open_time: 'open_time' is not an epoch time"],
    ['more than 64 KiB', cut(lines[4], -1) + 'x'.repeat(65_536), 'line 5 is longer than 64 KiB'],
    [
      'more than 64 KiB of zeros before a number',
      '0'.repeat(65_536) + String(lines[4]),
      'line 5 is longer than 64 KiB',
    ],
  ])('with %s', async (_, line, message) => {
    const error = await refusalOf(minutes, [...lines.slice(0, 4), line, ...lines.slice(5)].join('\n'))
    expect(error.code).toBe('BAD_ROW')
    expect(error.message).toContain(message)
    expect(error.details).toMatchObject({ file: 'BTCUSDT-1m-2020-01-01.csv', line: 5 })
  })

  test('with two blank lines at the end, of which the first is not the last', async () => {
    const error = await refusalOf(minutes, `${minutes.csv}\n\n`)
    expect(error.message).toContain('line 1441 is blank, but more lines follow')
  })

  test('with a value too long for a message, cut and without control characters', async () => {
    const error = await refusalOf(minutes, withCell(0, 1, `\u001b[31m😀${'x'.repeat(1000)}`))
    expect(error.details['value']).toBe(`\\u{1b}[31m😀${'x'.repeat(54)}…`)
    expect(error.details['column']).toBe('open')
  })
})

describe('a CSV is refused', () => {
  test.each([
    [
      'with another name',
      KLINE_HEADER.replace('high', 'low'),
      "line 1: column 3 of the header is 'low', 'high' is expected",
    ],
    [
      'with columns in another order',
      KLINE_HEADER.replace('open_time,open', 'open,open_time'),
      "column 1 of the header is 'open', 'open_time' is expected",
    ],
    ['with a column too few', cut(KLINE_HEADER, -7), "column 12 of the header is missing, 'ignore' is expected"],
    ['with a column too many', `${KLINE_HEADER},extra`, "column 13 of the header is 'extra', after the last of 12"],
    [
      'in quotes',
      KLINE_HEADER.replace('open_time', '"open_time"'),
      `column 1 of the header is '"open_time"', 'open_time' is expected`,
    ],
    ['that is blank', '', "column 1 of the header is '', 'open_time' is expected"],
    ['that is UTF-16', Buffer.from('\ufeffopen', 'utf16le').toString('latin1'), 'column 1 of the header is '],
    ['that is longer than any line', 'x'.repeat(100_000), 'column 1 of the header is '],
  ])('when its header is one %s', async (_, header, message) => {
    const error = await refusalOf(minutes, `${header}\n${minutes.csv}`)
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toContain(message)
    expect(error.details).toMatchObject({ file: 'BTCUSDT-1m-2020-01-01.csv', line: 1, format: 'binance-klines' })
  })

  test.each([
    ['is empty', ''],
    ['has only a header', `${KLINE_HEADER}\n`],
    ['has only a header without line feed', KLINE_HEADER],
    ['has only a header and a blank line', `${KLINE_HEADER}\n\n`],
  ])('when it %s', async (_, csv) => {
    const error = await refusalOf(minutes, csv)
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toContain('BTCUSDT-1m-2020-01-01.csv has no rows')
  })

  test('when its market has another form', async () => {
    const row = '1,1,1,1,1,1577836800000,True,True'
    const um = { ...trades, dataset: parseDatasetId('binance/um/aggTrades/BTCUSDT') }
    expect((await refusalOf(um, row)).message).toContain('line 1 has 8 columns, not 7')
    await expect(parseArchiveFile({ ...trades, bytes: zipOf(trades, row) })).resolves.toHaveProperty('report.rows', 1)
  })
})

/** The first day's CSV with one cell replaced, lines and cells counted from 0. */
function withCell(line: number, cell: number, value: string): string {
  const cells = (lines[line] ?? '').split(',')
  cells[cell] = value
  return [...lines.slice(0, line), cells.join(','), ...lines.slice(line + 1)].join('\n')
}

function cut(line: string | undefined, end: number): string {
  return (line ?? '').slice(0, end)
}

function zipOf(file: TestFile, content: string): Buffer {
  const name = file.name.slice(file.name.lastIndexOf('/') + 1).replace('.zip', '.csv')
  return makeZip([{ name, content, stored: true }])
}

async function refusalOf(file: TestFile, csv: string): Promise<LakeError> {
  try {
    await parseArchiveFile({ ...file, bytes: zipOf(file, csv) })
  } catch (error) {
    if (LakeError.is(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}
