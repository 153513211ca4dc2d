import { nullFlags, parseDatasetId, parsePeriod, type SourceColumn, type SourceFormat, wordValues } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchiveFile, type ParseResult } from './index.ts'
import { referenceRows } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

/* What a description may say and no venue's file needs so far. */

const period = parsePeriod('2025-03')
const START = period.from / 1e6

const TICKER: SourceFormat = {
  id: 'desk-ticker',
  dataType: 'bookTicker',
  markets: ['spot'],
  container: 'csv',
  delimiter: ';',
  header: 'absent',
  columns: [
    { name: 'at', kind: 'time', to: 'ts_event', unit: 'nanoseconds' },
    { name: 'id', kind: 'integer', to: 'update_id', nullable: true },
    { name: 'matched', kind: 'time', to: 'transaction_time', unit: 'seconds', nullable: true },
    ...['bid_price', 'bid_size', 'ask_price', 'ask_size'].map((name): SourceColumn => ({
      name,
      kind: 'decimal',
      to: name,
    })),
    { name: 'note', kind: 'ignored' },
  ],
}

const LIQUIDATIONS: SourceFormat = {
  id: 'desk-liquidations',
  dataType: 'liquidations',
  markets: ['spot'],
  container: 'csv',
  columns: [
    { name: 'at', kind: 'time', to: 'ts_event' },
    { name: 'side', kind: 'word', to: 'side', words: { B: 'buy', Buy: 'buy', S: 'sell' } },
    { name: 'status', kind: 'text', to: 'status', nullable: true },
    { name: 'size', kind: 'decimal', to: 'original_size' },
    { name: 'price', kind: 'decimal', to: 'price' },
  ],
  constants: { order_type: 'LIMIT' },
}

const TRADES: SourceFormat = {
  id: 'desk-trades',
  dataType: 'trades',
  markets: ['spot'],
  container: 'csv',
  columns: [
    { name: 'at', kind: 'time', to: 'ts_event', unit: 'text' },
    { name: 'hour', kind: 'hour' },
    { name: 'id', kind: 'integer', to: 'trade_id' },
    { name: 'price', kind: 'decimal', to: 'price' },
    { name: 'size', kind: 'signed-size', to: 'size' },
    { name: 'best', kind: 'flag', to: 'is_best_match', nullable: true },
  ],
}

describe('a described format', () => {
  test('may have nanoseconds, another delimiter and integers and times that are absent', async () => {
    const text = `${START}000000000;;;1;2;3;4;a,b\n${START}000001001;9007199254740993;${START}.5;1;2;3;4;\n`
    const { table, report } = await parse(TICKER, text)
    expect(tableRows(table)).toEqual(referenceRows(text, TICKER, period))
    expect(nullFlags(table, 'update_id')).toEqual(Uint8Array.of(1, 0))
    expect(nullFlags(table, 'transaction_time')).toEqual(Uint8Array.of(1, 0))
    expect(report).toMatchObject({ timeUnit: 'ns', inexact: { ts_event: 1 } })
    const none = await parse(TICKER, `${START}000000000;7;${START};1;2;3;4;\n`)
    expect(nullFlags(none.table, 'update_id')).toBeUndefined()
  })

  test('may have words, few or many, and words that are the same in every row', async () => {
    const lines = Array.from({ length: 500 }, (_, row) => `${START}000,${['B', 'Buy', 'S'][row % 3]},w${row % 200},1,2`)
    const text = `${lines.join('\n')}\n${START}000,S,,1,2\n`
    const { table } = await parse(LIQUIDATIONS, text)
    expect(tableRows(table)).toEqual(referenceRows(text, LIQUIDATIONS, period))
    expect(wordValues(table, 'status').words).toHaveLength(200)
    expect(wordValues(table, 'order_type').words).toEqual(['LIMIT'])
    await expect(parse(LIQUIDATIONS, `${START}000,X,,1,2`)).rejects.toThrow("column side: 'X' is none of B Buy S")
    await expect(parse(LIQUIDATIONS, `${START}000,B,${'x'.repeat(65)},1,2`)).rejects.toThrow('is not a short text')
    const notUtf8 = Buffer.from(`${START}000,B,\u00ff,1,2`, 'latin1')
    await expect(parse(LIQUIDATIONS, notUtf8)).rejects.toThrow('is not a short text')
  })

  test('may have a day and an hour, a size whose sign is the side, and flags that are absent', async () => {
    const text = '2025-03-01,23,1,5,-2,\n2025-03-31,0,2,5,3,True\n2025-03-02T01:02:03.000004Z,7,3,5,0,false\n'
    const { table, report } = await parse(TRADES, text)
    expect(tableRows(table)).toEqual(referenceRows(text, TRADES, period))
    expect(report.fingerprint).toMatchObject({ order: 'mixed', timeUnit: 'text' })
    expect(nullFlags(table, 'is_best_match')).toEqual(Uint8Array.of(1, 0, 0))
  })

  test.each([
    ['2025-03-01,24,1,5,1,', "column hour: '24' is not an hour from 0 to 23"],
    ['2025-02-29,1,1,5,1,', "column at: '2025-02-29' is not a time like 2026-05-08 00:00:00"],
    ['2025-03-01 24:00:00,1,1,5,1,', 'is not a time like'],
    ['2025-03-01 00:00:00.1234567,1,1,5,1,', 'is not a time like'],
    ['2025-03-01 00:00,1,1,5,1,', 'is not a time like'],
    ['2025-04-01 00:00:00.5,1,1,5,1,', 'is 2025-04-01T00:00:00.5Z, outside the period of the file'],
    ['1740787200,1,1,5,1,', 'is 1970-01-21T03:33:07.2Z, outside the period of the file'],
    ['174078720000x,1,1,5,1,', 'is not an epoch time in milliseconds or microseconds'],
  ])('refuses %s', async (text, message) => {
    await expect(parse(TRADES, text)).rejects.toThrow(message)
  })

  test.each([
    ['1.5', 'is not an epoch time in nanoseconds'],
    ['1', 'is 1970-01-01T00:00:00Z, outside the period of the file'],
  ])('refuses nanoseconds of %s', async (at, message) => {
    await expect(parse(TICKER, `${at};1;1;1;2;3;4;`)).rejects.toThrow(message)
  })

  test.each(['x', '1.', '.5'])('refuses seconds of %s', async (at) => {
    await expect(parse(TICKER, `${START}000000000;1;${at};1;2;3;4;`)).rejects.toThrow('is not an epoch time in seconds')
  })

  describe('with times of MetaTrader', () => {
    const utcOffset = 10_800_000_000
    const format: SourceFormat = {
      ...TRADES,
      columns: TRADES.columns.map((column) =>
        column.name === 'at' ? { ...column, unit: 'metatrader', utcOffset } : column,
      ),
    }

    test('takes them for those of a clock that is ahead of UTC', async () => {
      const text = '2025.03.01 03:00,0,1,5,-2,\n2025.04.01 02:59,0,2,5,3,True\n'
      const { table, report } = await parse(format, text)
      expect(tableRows(table)).toEqual(referenceRows(text, format, period))
      expect(tableRows(table)[0]?.['ts_event']).toBe(BigInt(period.from))
      expect(report).toMatchObject({ timeUnit: 'text' })
    })

    test.each([
      ['2025.03.01 02:59', 'is 2025-02-28T23:59:00Z, outside the period of the file'],
      ['2025.13.01 03:00', "'2025.13.01 03:00' is not a time like 2026.05.08 00:00"],
      ['2025.03.01 24:00', 'is not a time like'],
      ['2025.03.01 03:00:00', 'is not a time like'],
      ['2025-03-01 03:00', 'is not a time like'],
      ['1740787200000', 'is not a time like'],
    ])('refuses %s', async (time, message) => {
      await expect(parse(format, `${time},0,1,5,1,`)).rejects.toThrow(message)
    })
  })

  test('of bars without close time lets them close before the next, whatever the month', async () => {
    const bars: SourceFormat = {
      ...TICKER,
      id: 'desk-bars',
      dataType: 'klines',
      columns: [
        { name: 'at', kind: 'time', to: 'ts_event', unit: 'seconds' },
        ...['open', 'high', 'low', 'close', 'volume'].map((name): SourceColumn => ({
          name,
          kind: 'decimal',
          to: name,
        })),
      ],
      closeBefore: 1000,
    }
    const text = `${START};1;1;1;1;1\n`
    for (const interval of ['1mo', '1w', '1h'] as const) {
      const dataset = parseDatasetId(`desk/spot/klines/BTCUSDT/${interval}`)
      const { table } = await parse(bars, text, dataset)
      expect(tableRows(table)).toEqual(referenceRows(text, bars, period, dataset))
    }
    await expect(parse({ ...TICKER, closeBefore: 1 }, `${START}000000000;;;1;2;3;4;`)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('is refused when it has hours before their day, or two event times', async () => {
    const [at, hour, ...others] = TRADES.columns
    if (at === undefined || hour === undefined) throw new Error('there are columns')
    const text = '1,2025-03-01,1,5,1,'
    await expect(parse({ ...TRADES, columns: [hour, at, ...others] }, text)).rejects.toThrow(
      "has the hours in 'hour' before their day",
    )
    await expect(parse({ ...TRADES, columns: [at, at, ...others] }, text)).rejects.toThrow('needs one time column')
  })
})

function parse(
  format: SourceFormat,
  text: string | Buffer,
  dataset = parseDatasetId(`desk/spot/${format.dataType}/BTCUSDT`),
): Promise<ParseResult<typeof format.dataType>> {
  return parseArchiveFile({ bytes: Buffer.from(text), name: 'x.csv', dataset, period, formats: [format] })
}
