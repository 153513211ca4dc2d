import {
  floatValues,
  integerValues,
  LakeError,
  nullFlags,
  type PageFormat,
  parseDatasetId,
  wordValues,
} from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parsePages, parsePageTables, type PageSeries } from '../index.ts'
import { makePage, type PageShape } from '../testing/make-page.ts'
import {
  forceOrders,
  fundingPages,
  klineFrames,
  klinePages,
  nestedLiquidations,
  secondsBars,
  tradePages,
} from '../testing/page-formats.ts'
import { recorded, recordedFrames } from '../testing/recorded.ts'
import { tableRows } from '../testing/table-rows.ts'

const SERIES: readonly PageSeries[] = [
  forceOrders,
  fundingPages,
  klineFrames,
  klinePages,
  nestedLiquidations,
  secondsBars,
  tradePages,
].map((format) => ({ id: format.id, format }))

async function parse(shape: PageShape, series: readonly PageSeries[] = SERIES) {
  const { tables, report } = await parsePageTables({
    pages: [makePage(shape)],
    dataset: parseDatasetId(shape.dataset),
    series,
  })
  return { rows: tables.flatMap(({ table }) => tableRows(table)), tables, report }
}

async function refusal(shape: PageShape, series?: readonly PageSeries[]): Promise<LakeError> {
  const error: unknown = await parse(shape, series).catch((cause: unknown) => cause)
  if (LakeError.is(error)) return error
  throw new Error('the page was not refused')
}

const bars = { dataset: 'binance/spot/klines/BTCUSDT/5m', series: 'klines' }

describe('recorded answers', () => {
  test('bars come with every column, and are known when the next one opens', async () => {
    const [body = ''] = recorded('api_v3_klines', 'interval=5m&limit=24&startTime')
    const { rows, report, tables } = await parse({ ...bars, body })
    expect(report).toMatchObject({ pages: 1, rows: 24, outside: 0, unfinished: 0, sorted: true, inexact: {}, cut: {} })
    expect(rows[0]).toEqual({
      ts_event: 1577836800000000n,
      ts_available: 1577837100000000n,
      source: 'rest',
      open: '7195.24',
      high: '7196.25',
      low: '7178.64',
      close: '7179.78',
      volume: '95.509133',
      quote_volume: '686317.13625177',
      trade_count: 1127n,
      taker_buy_volume: '32.773245',
      taker_buy_quote_volume: '235537.29504531',
      close_time: 1577837099999000n,
    })
    expect(tables[0]?.table.schema.metadata.get('unit.volume')).toBe('base asset')
  })

  test('aggregated trades come by the names of their fields', async () => {
    const [body = ''] = recorded('api_v3_aggTrades', '')
    const { rows, report } = await parse({ dataset: 'binance/spot/aggTrades/BTCUSDT', series: 'agg-trades', body })
    const trades: unknown = JSON.parse(body)
    expect(report.rows).toBe(Array.isArray(trades) ? trades.length : 0)
    expect(body).toContain(String(rows[0]?.['agg_trade_id']))
    expect(rows[0]?.['side']).toMatch(/^(buy|sell)$/)
  })

  test('funding keeps its jitter, and has no mark price where the venue gives none', async () => {
    const [body = ''] = recorded('fapi_v1_fundingRate', 'symbol=LTCUSDT')
    const { rows } = await parse({ dataset: 'binance/um/fundingRate/LTCUSDT', series: 'funding', body })
    expect(rows[0]).toMatchObject({ ts_event: 1602806400002000n, funding_rate: '0.00018534', mark_price: null })
  })

  test('an answer that is an error is refused with its words', async () => {
    const [body = ''] = recorded('dapi_v1_klines', 'startTime=1546300800000&symbol')
    expect(body).toContain('-4088')
    const error = await refusal({ ...bars, body })
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toContain('Maximum time interval is 200 days.')
    expect(error.message).toContain('bronze/binance/rest/spot/klines/BTCUSDT/5m/1970-01/klines.0-')
  })

  test('an answer of null is refused', async () => {
    expect((await refusal({ ...bars, body: 'null' })).code).toBe('BAD_FORMAT')
  })
})

describe('recorded frames', () => {
  const stg = recordedFrames().filter((frame) => frame.includes('stgusdt@forceOrder'))
  const kline = recordedFrames().find((frame) => frame.includes('kline_1m')) ?? ''

  test('a liquidation is a row, from the websocket', async () => {
    const { rows } = await parse({
      dataset: 'binance/um/liquidations/STGUSDT',
      series: 'force-orders',
      body: `${stg.join('\n')}\n`,
      lines: true,
    })
    expect(rows).toEqual([
      {
        ts_event: 1786172556607000n,
        ts_available: 1786172556607000n,
        source: 'ws',
        side: 'sell',
        order_type: 'LIMIT',
        time_in_force: 'IOC',
        original_size: '5',
        price: '0.1336',
        average_price: '0.1355',
        status: 'FILLED',
        last_fill_size: '5',
        filled_size: '5',
      },
    ])
  })

  test('of the frames of a bar only the final one is a row, and other frames are counted', async () => {
    const open = kline.replace('"x":true', '"x":false')
    const { rows, report } = await parse({
      dataset: 'binance/um/klines/BTCUSDT/1m',
      series: 'kline-frames',
      body: [open, '{"result":null,"id":1}', kline, ''].join('\n'),
      lines: true,
    })
    expect(report).toMatchObject({ rows: 1, filtered: 1, otherFrames: 1 })
    expect(rows[0]).toMatchObject({ ts_event: 1786173300000000n, close: '64969.4', trade_count: 194n })
  })

  test('no frames are no rows', async () => {
    const { report } = await parse({
      dataset: 'binance/um/klines/BTCUSDT/1m',
      series: 'kline-frames',
      body: '',
      lines: true,
    })
    expect(report).toMatchObject({ rows: 0, firstTime: undefined, lastTime: undefined })
  })

  test('a frame that is no JSON is named by its line', async () => {
    const error = await refusal({
      dataset: 'binance/um/klines/BTCUSDT/1m',
      series: 'kline-frames',
      body: `${kline}\n${kline.slice(0, 40)}\n`,
      lines: true,
    })
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toContain('line 2: is no JSON: it ends too early at byte 40')
  })
})

describe('which rows count', () => {
  const [body = ''] = recorded('api_v3_klines', 'interval=5m&limit=24&startTime')
  const start = 1_577_836_800_000_000

  test('rows outside of the range are left out and counted', async () => {
    const range = { from: start + 300_000_000, to: start + 900_000_000 }
    const { report, rows } = await parse({ ...bars, body, range })
    expect(report).toMatchObject({ rows: 2, outside: 22, firstTime: range.from, lastTime: start + 600_000_000 })
    expect(rows.map((row) => row['ts_event'])).toEqual([1577837100000000n, 1577837400000000n])
  })

  test('bars that were not final are left out and counted, the bar that just closed is kept', async () => {
    const { report } = await parse({ ...bars, body, asOf: start + 600_000_000 })
    expect(report).toMatchObject({ rows: 2, unfinished: 22 })
    expect((await parse({ ...bars, body, asOf: start + 599_999_999 })).report.rows).toBe(1)
  })
})

describe('other forms', () => {
  const frame = JSON.stringify({
    arg: { channel: 'liquidation-orders', instType: 'SWAP' },
    data: [
      { details: [{ bkPx: '0.5', side: 'sell', sz: '3', ts: '1700000000000' }], instId: 'A-USDT-SWAP' },
      {
        details: [
          { bkPx: '7', side: 'buy', sz: '2', ts: '1700000001000' },
          { bkPx: '8', side: 'buy', sz: '1', ts: '1700000002000' },
        ],
        instId: 'B-USDT-SWAP',
      },
    ],
  })
  const nested = { series: 'nested-liquidations', lines: true } as const

  test('rows of the dataset are told by what is named around their list', async () => {
    const { rows, report } = await parse({ ...nested, dataset: 'okx/um/liquidations/B-USDT-SWAP', body: frame })
    expect(rows.map((row) => [row['price'], row['status'], row['average_price']])).toEqual([
      ['7', 'FILLED', null],
      ['8', 'FILLED', null],
    ])
    expect(report.filtered).toBe(1)
    const other = frame.replace('liquidation-orders', 'trades')
    const none = await parse({ ...nested, dataset: 'okx/um/liquidations/B-USDT-SWAP', body: other })
    expect(none.report).toMatchObject({ rows: 0, filtered: 3 })
  })

  test('what was named around one frame does not count for the next', async () => {
    const bare = frame.replaceAll(/,"instId":"[^"]*"/g, '')
    const body = `${frame}\n${bare}`
    const { report } = await parse({ ...nested, dataset: 'okx/um/liquidations/B-USDT-SWAP', body })
    expect(report).toMatchObject({ rows: 2, filtered: 4 })
  })

  test('bars in seconds under an unknown key close a microsecond before the next, whatever lies beside them', async () => {
    const body = '{"error":[],"result":{"XXBTZUSD":[[1688671200,"1.5",2,"1","1.25","1.3","12.5",7]],"last":1688672160}}'
    const { rows } = await parse({ dataset: 'kraken/spot/klines/XBTUSD/1m', series: 'seconds-bars', body })
    expect(rows).toMatchObject([
      {
        ts_event: 1688671200000000n,
        close_time: 1688671259999999n,
        ts_available: 1688671260000000n,
        high: '2',
        quote_volume: null,
        trade_count: 7n,
      },
    ])
  })

  test('a row may end before columns that may be absent', async () => {
    const body = '{"result":{"XXBTZUSD":[[1688671200,"1.5","2","1","1.25","1.3","12.5"]]}}'
    const { rows } = await parse({ dataset: 'kraken/spot/klines/XBTUSD/1m', series: 'seconds-bars', body })
    expect(rows[0]?.['trade_count']).toBeNull()
  })

  test('calendar months end where the calendar says', async () => {
    const body = '{"result":{"X":[[1706745600,"1","2","1","1","1","1",0]]}}'
    const { rows } = await parse({ dataset: 'kraken/spot/klines/XBTUSD/1mo', series: 'seconds-bars', body })
    expect(rows[0]).toMatchObject({ ts_event: 1706745600000000n, ts_available: 1709251200000000n })
  })

  test('every member that could hold rows is of another kind: refused', async () => {
    const body = '{"error":["EQuery:Unknown asset pair"],"result":{"last":1}}'
    const error = await refusal({ dataset: 'kraken/spot/klines/XBTUSD/1m', series: 'seconds-bars', body })
    expect(error).toMatchObject({ code: 'BAD_FORMAT' })
    expect(error.message).toContain('EQuery:Unknown asset pair')
  })

  test('lists are gone into by position', async () => {
    const format: PageFormat = {
      id: 'books',
      dataType: 'bookTicker',
      markets: ['um'],
      rows: [],
      shape: 'single',
      columns: [
        { name: 'ts', kind: 'time', to: 'ts_event' },
        { name: 'data.u', kind: 'integer', to: 'update_id' },
        { name: 'data.b.0.0', kind: 'decimal', to: 'bid_price' },
        { name: 'data.b.0.1', kind: 'decimal', to: 'bid_size' },
        { name: 'data.a.0.0', kind: 'decimal', to: 'ask_price' },
        { name: 'data.a.0.1', kind: 'decimal', to: 'ask_size' },
        { name: 'cts', kind: 'time', unit: 'nanoseconds', to: 'transaction_time', nullable: true },
      ],
    }
    const body =
      '{"ts":1700000000000,"cts":"1700000000123456789","data":{"b":[["1.5","2"]],"a":[["1.6","3"]],"u":9007199254740993}}'
    const { rows, report } = await parse({ dataset: 'bybit/um/bookTicker/BTCUSDT', series: 'books', body }, [
      { id: 'books', format },
    ])
    expect(rows[0]).toMatchObject({
      bid_price: '1.5',
      ask_size: '3',
      update_id: 9007199254740993n,
      transaction_time: 1700000000123456n,
    })
    expect(report.cut).toEqual({ transaction_time: 1 })
  })
})

describe('values', () => {
  const time = '"fundingTime":1700000000000,"symbol":"BTCUSDT"'
  const funding = { dataset: 'binance/um/fundingRate/BTCUSDT', series: 'funding' }
  const rateOf = async (text: string) =>
    (await parse({ ...funding, body: `[{${time},"fundingRate":${text}}]` })).rows[0]?.['funding_rate']

  test.each([
    ['"-0.00010000"', '-0.0001'],
    ['1.5e-7', '0.00000015'],
    ['-1.20E+2', '-120'],
    ['1e0', '1'],
    ['0.0e3', '0'],
    ['12.345678901234e3', '12345.678901234'],
    ['"\\u0031.5"', '1.5'],
  ])('the number %s is read as %s', async (text, expected) => {
    expect(await rateOf(text)).toBe(expected)
  })

  test.each([
    ['"1e-7"', 'BAD_ROW'],
    ['1e999', 'BAD_ROW'],
    ['""', 'BAD_ROW'],
    ['null', 'BAD_ROW'],
    ['[1]', 'BAD_ROW'],
    ['true', 'BAD_ROW'],
    ['01', 'BAD_FORMAT'],
    ['1.', 'BAD_FORMAT'],
    ['.5', 'BAD_FORMAT'],
    ['1e', 'BAD_FORMAT'],
    ['+1', 'BAD_FORMAT'],
    ['"\\x31"', 'BAD_FORMAT'],
    ['"\n"', 'BAD_FORMAT'],
    ['', 'BAD_FORMAT'],
  ])('the number %s is refused as %s', async (text, code) => {
    expect((await refusal({ ...funding, body: `[{${time},"fundingRate":${text}}]` })).code).toBe(code)
  })

  test('more digits than a float64 keeps are counted', async () => {
    const { report } = await parse({ ...funding, body: `[{${time},"fundingRate":0.123456789012345678}]` })
    expect(report.inexact).toEqual({ funding_rate: 1 })
  })

  test('a null, an empty text and an absent field are null where they may be', async () => {
    const body = `[{${time},"fundingRate":1,"markPrice":null},{${time},"fundingRate":1,"markPrice":""},{${time},"fundingRate":1,"markPrice":"2.5"},{${time},"fundingRate":1}]`
    const { tables } = await parse({ ...funding, body })
    const table = tables[0]?.table
    expect(table === undefined ? [] : Array.from(floatValues(table, 'mark_price'))).toEqual([NaN, NaN, 2.5, NaN])
    expect(table === undefined ? 0 : nullFlags(table, 'mark_price')).toEqual(Uint8Array.of(1, 1, 0, 1))
  })

  test('field names may be escaped, and other fields may hold anything', async () => {
    const body = `[ { "x": {"a":[1,{"b":"}"}],"symbol":"ETHUSDT"}, ${time} , "\\u0066undingRate" : "1.25", "é":"\\"" } ]`
    expect((await parse({ ...funding, body })).rows[0]?.['funding_rate']).toBe('1.25')
  })

  test.each([
    [`[{${time},"fundingRate":1,"fundingRate":2}]`, 'BAD_ROW', 'fundingRate: stands there twice'],
    [`[{"fundingTime":1700000000000,"symbol":"ETHUSDT","fundingRate":1}]`, 'WRONG_FILE', "'ETHUSDT' is another symbol"],
    [`[{"fundingTime":1700000000000,"fundingRate":1}]`, 'WRONG_FILE', 'symbol: is missing'],
    [`[{${time},"fundingRate":1},{${time},"fundingRate":"x"}]`, 'BAD_ROW', "row 2, field fundingRate: 'x' is not a"],
    [`[{"symbol":"BTCUSDT","fundingTime":1.5,"fundingRate":1}]`, 'BAD_ROW', "'1.5' is not an epoch time"],
    [`[{"symbol":"BTCUSDT","fundingTime":99999999999999999,"fundingRate":1}]`, 'BAD_ROW', 'is too large for a time'],
    [`[[1,2]]`, 'BAD_ROW', 'row 1: '],
    [`[{${time},"fundingRate":1}]]`, 'BAD_FORMAT', 'something follows the value'],
    [`[{${time},"fundingRate":1}`, 'BAD_FORMAT', 'ends too early'],
    [`[{${time} "fundingRate":1}]`, 'BAD_FORMAT', 'has no comma'],
    [`[{${time},1:1}]`, 'BAD_FORMAT', 'has no name'],
    [`[{${time},"a"1}]`, 'BAD_FORMAT', 'has no colon'],
    [`[nul]`, 'BAD_FORMAT', 'has no value'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'BAD_FORMAT', 'deeper than 64'],
    [``, 'BAD_FORMAT', 'ends too early'],
    [`\ufeff[]`, 'BAD_FORMAT', 'has no value'],
  ])('%s is refused', async (body, code, words) => {
    const error = await refusal({ ...funding, body })
    expect(error.code).toBe(code)
    expect(error.message).toContain(words)
    expect(error.details).toMatchObject({ dataset: funding.dataset, series: 'funding' })
  })

  test('bytes that are no UTF-8 are refused', async () => {
    expect((await refusal({ ...funding, body: Buffer.of(91, 34, 255, 34, 93) })).message).toContain('is not UTF-8')
  })

  test('words are those that are described', async () => {
    const frame = recordedFrames().find((line) => line.includes('stgusdt@forceOrder')) ?? ''
    const shape = { dataset: 'binance/um/liquidations/STGUSDT', series: 'force-orders', lines: true } as const
    const both = await parse({ ...shape, body: `${frame}\n${frame.replace('"SELL"', '"B\\u0055Y"')}` })
    const table = both.tables[0]?.table
    expect(table === undefined ? [] : wordValues(table, 'side')).toMatchObject({ words: ['sell', 'buy'] })
    const unknown = await refusal({ ...shape, body: frame.replace('"SELL"', '"HOLD"') })
    expect(unknown.message).toContain("field o.S: 'HOLD' is none of BUY SELL")
    const long = await refusal({ ...shape, body: frame.replace('"LIMIT"', `"${'x'.repeat(300)}"`) })
    expect(long.message).toContain('is longer than 256 bytes')
  })
})

describe('times', () => {
  const of = (unit: 'seconds' | 'nanoseconds' | 'text' | 'epoch', text: string) => {
    const format: PageFormat = {
      ...fundingPages,
      columns: [
        { name: 't', kind: 'time', unit, to: 'ts_event' },
        { name: 'r', kind: 'decimal', to: 'funding_rate' },
      ],
    }
    const shape = { dataset: 'binance/um/fundingRate/BTCUSDT', series: 'funding', body: `[{"t":${text},"r":1}]` }
    return parse(shape, [{ id: 'funding', format }]).then(
      ({ rows, report }) => [rows[0]?.['ts_event'], report.cut['ts_event'] ?? 0],
      (error: unknown) => (LakeError.is(error) ? error.code : error),
    )
  }

  test.each([
    ['seconds', '1700000000', 1700000000000000n, 0],
    ['seconds', '"1700000000.5"', 1700000000500000n, 0],
    ['seconds', '1700000000.1234567', 1700000000123456n, 1],
    ['seconds', '1700000000.123456000', 1700000000123456n, 0],
    ['nanoseconds', '1700000000123456000', 1700000000123456n, 0],
    ['epoch', '1700000000123456', 1700000000123456n, 0],
    ['epoch', '"1700000000123"', 1700000000123000n, 0],
    ['text', '"2026-05-08 00:00:01"', 1778198401000000n, 0],
    ['text', '"2026-05-08T00:00:00.123Z"', 1778198400123000n, 0],
  ] as const)('%s %s', async (unit, text, micros, cut) => {
    expect(await of(unit, text)).toEqual([micros, cut])
  })

  test.each([
    ['seconds', '1700000000.'],
    ['seconds', '"1700000000."'],
    ['seconds', '"x"'],
    ['nanoseconds', '"12"'],
    ['nanoseconds', '1.5'],
    ['text', '"2026-05-08"'],
    ['text', '"2026-02-30 00:00:00"'],
    ['text', '1700000000'],
    ['epoch', '-1'],
    ['epoch', '[1]'],
    ['epoch', '"\\u0031700000000000"'],
  ] as const)('%s %s is refused', async (unit, text) => {
    expect(await of(unit, text)).toMatch(/^BAD_(ROW|FORMAT)$/)
  })
})

describe('many pages', () => {
  const page = (first: number, count: number) =>
    makePage({
      dataset: 'binance/um/fundingRate/BTCUSDT',
      series: 'funding',
      body: JSON.stringify(
        Array.from({ length: count }, (_, index) => ({
          symbol: 'BTCUSDT',
          fundingTime: 1_700_000_000_000 + first + index,
          fundingRate: '0.1',
        })),
      ),
    })
  const dataset = parseDatasetId('binance/um/fundingRate/BTCUSDT')

  test('batches are given once they have so many rows', async () => {
    const sizes: number[] = []
    for await (const { table } of parsePages({
      pages: [page(0, 300), page(300, 300), page(600, 10)],
      dataset,
      series: SERIES,
      batchRows: 500,
    })) {
      sizes.push(table.numRows)
      expect(integerValues(table, 'ts_event')).toHaveLength(table.numRows)
    }
    expect(sizes).toEqual([600, 10])
  })

  test('pages of several series give a table each; a step back is reported', async () => {
    const one = page(5, 1)
    const second = { ...page(0, 1), envelope: { ...one.envelope, series: 'other' } }
    const { tables, report } = await parsePageTables({
      pages: [one, second, page(0, 1)],
      dataset,
      series: [...SERIES, { id: 'other', format: fundingPages }],
    })
    expect(tables.map(({ series, table }) => [series, table.numRows])).toEqual([
      ['funding', 2],
      ['other', 1],
    ])
    expect(report).toMatchObject({ pages: 3, rows: 3, sorted: false })
  })

  test('an abort stops between pages and closes the source', async () => {
    let closed = false
    const abort = new AbortController()
    const pages = async function* () {
      try {
        yield page(0, 1)
        abort.abort()
        yield page(1, 1)
      } finally {
        closed = true
      }
    }
    const running = parsePageTables({ pages: pages(), dataset, series: SERIES, signal: abort.signal })
    await expect(running).rejects.toHaveProperty('name', 'AbortError')
    expect(closed).toBe(true)
  })

  test('what cannot be is refused', async () => {
    const pages = [page(0, 1)]
    await expect(parsePageTables({ pages, dataset, series: [] })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(
      parsePageTables({ pages, dataset: parseDatasetId('binance/um/fundingRate/ETHUSDT'), series: SERIES }),
    ).rejects.toMatchObject({ code: 'WRONG_FILE' })
    const none = parsePages({ pages, dataset, series: SERIES, batchRows: 0 })
    await expect(none.next()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test.each([
    [{ markets: ['cm'] }, 'describes no um/fundingRate'],
    [{ columns: [] }, 'needs one time column'],
    [{ columns: [{ name: 't', kind: 'time', to: 'ts_event' }] }, 'does not fill funding_rate'],
    [{ columns: [...fundingPages.columns, { name: 'x', kind: 'text', to: 'nothing' }] }, 'do not have'],
    [{ constants: { mark_price: '1' } }, 'fills mark_price twice'],
    [
      {
        columns: [
          { name: 't', kind: 'time', to: 'ts_event' },
          { name: 'r', kind: 'decimal', to: 'funding_rate', nullable: true },
        ],
      },
      'must have a value',
    ],
    [{ columns: [{ name: 'x', kind: 'word' }] }, 'has no words'],
    [{ columns: [{ name: 't', kind: 'time', unit: 'metatrader', to: 'ts_event' }] }, 'which pages do not have'],
  ] satisfies [Partial<PageFormat>, string][])('a format that does not fit is refused: %j', async (change, words) => {
    const format: PageFormat = { ...fundingPages, ...change }
    const parsing = parsePageTables({ pages: [page(0, 1)], dataset, series: [{ id: 'funding', format }] })
    await expect(parsing).rejects.toThrow(words)
  })

  test('bars need a close time', async () => {
    const format: PageFormat = { ...klinePages, columns: klinePages.columns.filter(({ to }) => to !== 'close_time') }
    const error = await refusal({ ...bars, body: '[]' }, [{ id: 'klines', format }])
    expect(error.message).toContain('says nothing of close_time')
  })
})
