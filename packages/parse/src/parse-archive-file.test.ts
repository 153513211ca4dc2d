import { createHash } from 'node:crypto'
import {
  constantWord,
  floatValues,
  integerValues,
  nullFlags,
  parseDatasetId,
  parsePeriod,
  type SourceFormat,
  wordValues,
} from '@lake/core'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { parseArchiveFile } from './index.ts'
import { makeZip } from './testing/make-zip.ts'
import { formatFor, formats, realFile } from './testing/real-files.ts'
import { plainDecimal } from './testing/reference-value.ts'
import { referenceRows, type ReferenceRow } from './testing/reference.ts'
import { tableRows } from './testing/table-rows.ts'

const FILES = [
  // Rows and sums as Python's csv and decimal give them.
  [
    'binance/spot/klines/BTCUSDT/1m',
    '2020-01-01',
    { rows: 1440, close: '10394054.53', quote_volume: '121214452.11606228', trade_count: 194010n },
  ],
  [
    'binance/spot/klines/BTCUSDT/1m',
    '2020-01-02',
    { rows: 1440, close: '10219346.99', quote_volume: '225982341.3011403', trade_count: 302667n },
  ],
  [
    'binance/spot/klines/BTCUSDT/1m',
    '2020-01-03',
    { rows: 1440, close: '10408045.35', quote_volume: '495098582.96203543', trade_count: 519854n },
  ],
  [
    'binance/spot/klines/BTCUSDT/1h',
    '2026-05-08',
    { rows: 24, close: '1918244.88', quote_volume: '1278566045.4172618', trade_count: 2265372n },
  ],
  [
    'binance/spot/klines/BTCUSDT/1h',
    '2026-05-09',
    { rows: 24, close: '1931859.95', quote_volume: '607596225.9864201', trade_count: 1002373n },
  ],
  [
    'binance/cm/aggTrades/BTCUSD_PERP',
    '2026-05-08',
    {
      rows: 105280,
      price: '8408628304.2',
      size: '4919071',
      agg_trade_id: 50596572314400n,
      last_trade_id: 118291635071276n,
    },
  ],
  [
    'binance/um/fundingRate/BTCUSDT',
    '2026-04',
    { rows: 90, funding_rate: '-0.00177227', funding_interval_hours: 720n },
  ],
] as const

describe.each(FILES)('%s of %s', (id, label, expected) => {
  const file = realFile(id, label)

  test('every cell is the source’s, and the sums are those of an independent reader', async () => {
    const { table, report } = await parseArchiveFile(file)
    const rows = tableRows(table)
    const reference = referenceRows(file.csv, formatFor(file.dataset), file.period) ?? []
    expect(firstDifference(rows, reference)).toBeUndefined()
    const { rows: count, ...sums } = expected
    expect([report.rows, table.numRows]).toEqual([count, count])
    for (const [column, sum] of Object.entries(sums)) expect([column, sumOf(rows, column)]).toEqual([column, sum])
    expect(report).toMatchObject({ bytes: Buffer.byteLength(file.csv), sorted: true, inexact: {} })
    expect(table.batches).toHaveLength(1)
  }, 60_000)

  test('passes its published checksum', async () => {
    const { report } = await parseArchiveFile({ ...file, sha256: file.published.toUpperCase() })
    expect(report.rows).toBe(expected.rows)
  })
})

describe('parseArchiveFile', () => {
  const minutes = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')
  const hours = realFile('binance/spot/klines/BTCUSDT/1h', '2026-05-08')

  test('a bar is available when the next one opens, in either unit', async () => {
    for (const [file, unit] of [
      [minutes, 'ms'],
      [hours, 'us'],
    ] as const) {
      const { table, report } = await parseArchiveFile(file)
      const opens = integerValues(table, 'ts_event')
      expect(report.timeUnit).toBe(unit)
      expect(integerValues(table, 'ts_available').slice(0, -1)).toEqual(opens.slice(1))
      expect(integerValues(table, 'close_time')[0]).toBe((opens[1] ?? 0n) - (unit === 'ms' ? 1000n : 1n))
    }
  })

  test('an event is available when it happens', async () => {
    const { table } = await parseArchiveFile(realFile('binance/um/fundingRate/BTCUSDT', '2026-04'))
    expect(integerValues(table, 'ts_available')).toEqual(integerValues(table, 'ts_event'))
  })

  test('a bar’s availability is exact where its close fills 32 bits', async () => {
    const period = parsePeriod('2026-05-08')
    const close = Math.ceil(period.from / 2 ** 32) * 2 ** 32 - 1
    const content = `${period.from},1,1,1,1,1,${close},1,1,1,1,0`
    const bytes = makeZip([{ name: 'BTCUSDT-1h-2026-05-08.csv', content }])
    const { table } = await parseArchiveFile({ ...hours, bytes })
    expect(integerValues(table, 'ts_available')).toEqual(BigInt64Array.of(BigInt(close) + 1n))
  })

  test('a column that the source does not have is null', async () => {
    const format: SourceFormat = {
      ...formatFor(hours.dataset),
      dataType: 'markPriceKlines',
      columns: formatFor(hours.dataset).columns.map((column) =>
        ['volume', 'count'].includes(column.name) ? { name: column.name, kind: 'ignored' } : column,
      ),
    }
    const dataset = { ...hours.dataset, dataType: 'markPriceKlines' } as const
    const { table } = await parseArchiveFile({ ...hours, dataset, formats: [format] })
    const nulls = ['volume', 'trade_count', 'quote_volume'].map((name) => nullFlags(table, name))
    expect(nulls).toEqual([new Uint8Array(24).fill(1), new Uint8Array(24).fill(1), undefined])
  })

  test('reports first and last time, header and format', async () => {
    const { report } = await parseArchiveFile(realFile('binance/um/fundingRate/BTCUSDT', '2026-04'))
    expect(report).toEqual({
      file: 'BTCUSDT-fundingRate-2026-04.csv',
      format: 'binance-funding',
      rows: 90,
      header: true,
      timeUnit: 'ms',
      sorted: true,
      firstTime: 1775001600000_000,
      lastTime: 1777564800000_000,
      inexact: {},
      bytes: 2539,
      fingerprint: {
        format: 'binance-funding',
        era: null,
        header: ['calc_time', 'funding_interval_hours', 'last_funding_rate'],
        columns: 3,
        timeUnit: 'ms',
        places: { last_funding_rate: 8 },
        order: 'ascending',
        repeatedRows: 0,
        rows: 90,
        expectedRows: null,
        days: 30,
      },
      changes: [],
      quarantined: [],
    })
  })

  test('the taker sold when the buyer was the maker', async () => {
    const { table } = await parseArchiveFile(realFile('binance/cm/aggTrades/BTCUSD_PERP', '2026-05-08'))
    const side = wordValues(table, 'side')
    expect(side.codes.reduce((sum, code) => sum + (side.words[code] === 'sell' ? 1 : 0), 0)).toBe(51256)
    expect(nullFlags(table, 'is_best_match')).toEqual(new Uint8Array(105_280).fill(1))
  })

  test('says what the numbers count, and where the rows are from', async () => {
    const contracts = await parseArchiveFile(realFile('binance/cm/aggTrades/BTCUSD_PERP', '2026-05-08'))
    expect(Object.fromEntries(contracts.table.schema.metadata)).toEqual({ 'unit.size': 'contracts' })
    const filled = await parseArchiveFile({ ...minutes, rowSource: 'rest' })
    expect(wordValues(filled.table, 'source')).toEqual(constantWord('rest', 1440))
  })

  test('what a table has follows from its dataset', async () => {
    const dataset = { ...parseDatasetId('binance/spot/klines/BTCUSDT/1m'), dataType: 'klines' } as const
    const { table } = await parseArchiveFile({ ...minutes, dataset })
    expectTypeOf(table.getChild('trade_count')?.get(0)).toEqualTypeOf<bigint | null | undefined>()
    // @ts-expect-error klines have no price
    expect(table.getChild('price')).toBeNull()
  })

  test('counts the numbers that a float64 does not hold, by column, and takes the nearest', async () => {
    const values = [
      '119189827.85045957',
      '1.5',
      '9007199254740993',
      '0.12345678901234567',
      '123456789012345678901234567890',
    ]
    const rows = values.map(
      (value, at) => `${1577836800000 + at * 60_000},1,1,1,1,${value},${1577836859999 + at * 60_000},1,1,1,1,0`,
    )
    const { table, report } = await parseArchiveFile({ ...minutes, bytes: zipOf(rows.join('\n')) })
    expect(Array.from(floatValues(table, 'volume'))).toEqual(values.map(Number))
    expect(report.inexact).toEqual({ volume: 4 })
  })

  test('long decimals that a float64 does hold are not counted', async () => {
    const values = [
      '76636658.96208970',
      '6858675634.7062540000000000',
      '00000000000000000001.5',
      '4503599627370496',
      '9007199254740992',
      '0.000000000000000000000012',
      '100000000000000000000000',
      '0.00000000000000000000',
    ]
    const rows = values.map(
      (value, at) => `${1577836800000 + at * 60_000},1,1,1,1,${value},${1577836859999 + at * 60_000},1,1,1,1,0`,
    )
    const { table, report } = await parseArchiveFile({ ...minutes, bytes: zipOf(rows.join('\n')) })
    expect(Array.from(floatValues(table, 'volume'), (value) => plainDecimal(String(value)))).toEqual(
      values.map(plainDecimal),
    )
    expect(report.inexact).toEqual({})
  })

  test('ids are exact up to 2^63 - 1', async () => {
    const ids = [0n, 999_999_999n, 1_000_000_000n, 2n ** 53n - 1n, 2n ** 53n + 1n, 10n ** 18n + 1n, 2n ** 63n - 1n]
    const rows = ids.map((trade) => `${trade},1,1,${trade},${trade},1777564800000,true`)
    const dataset = parseDatasetId('binance/um/aggTrades/BTCUSDT')
    const name = 'BTCUSDT-aggTrades-2026-04-30.zip'
    const bytes = makeZip([{ name: name.replace('.zip', '.csv'), content: rows.join('\n') }])
    const { table } = await parseArchiveFile({ bytes, name, dataset, period: parsePeriod('2026-04-30'), formats })
    expect(Array.from(integerValues(table, 'agg_trade_id'))).toEqual(ids)
  })

  test('a zero with a minus sign is zero', async () => {
    const name = 'BTCUSDT-fundingRate-2026-04.zip'
    const content = '1775001600000,8,-0.00000000\n1775030400000,8,-0.0000000000\n1775059200000,8,-0.5'
    const bytes = makeZip([{ name: name.replace('.zip', '.csv'), content }])
    const dataset = parseDatasetId('binance/um/fundingRate/BTCUSDT')
    const { table, report } = await parseArchiveFile({ bytes, name, dataset, period: parsePeriod('2026-04'), formats })
    const rates = floatValues(table, 'funding_rate')
    expect(Object.is(rates[0], 0) && Object.is(rates[1], 0)).toBe(true)
    expect(rates[2]).toBe(-0.5)
    expect(report.inexact).toEqual({})
  })

  test('keeps the order of the file and says when it is not that of time', async () => {
    const lines = minutes.csv.trimEnd().split('\n')
    const swapped = [lines[1], lines[0], ...lines.slice(2)].join('\n')
    const { table, report } = await parseArchiveFile({ ...minutes, bytes: zipOf(swapped) })
    expect(report).toMatchObject({ sorted: false, firstTime: 1577836800000_000, lastTime: 1577923140000_000 })
    expect(integerValues(table, 'ts_event')[0]).toBe(1577836860000_000n)
  })

  test('refuses bytes whose digest is another, naming both', async () => {
    const bytes = minutes.bytes.subarray(0, -1)
    const actual = createHash('sha256').update(bytes).digest('hex')
    const result = expect(parseArchiveFile({ ...minutes, bytes, sha256: minutes.published })).rejects
    await result.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      details: { file: 'BTCUSDT-1m-2020-01-01.zip', expected: minutes.published, actual },
    })
    await result.toThrow(`BTCUSDT-1m-2020-01-01.zip has sha256 ${actual}, but ${minutes.published} is published`)
    await expect(parseArchiveFile({ ...minutes, sha256: 'abc' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test.each([
    [
      'a name that is no zip',
      { name: 'BTCUSDT-1m-2020-01-01.csv' },
      'BAD_REQUEST',
      "'BTCUSDT-1m-2020-01-01.csv' is not the name of a zip",
    ],
    ['a name that is only an ending', { name: 'spot/.zip' }, 'BAD_REQUEST', "'.zip' is not the name of a zip"],
    [
      'a dataset without format',
      { formats: formats.filter((one) => one.dataType === 'trades') },
      'UNSUPPORTED',
      'spot/trades um/trades cm/trades',
    ],
    [
      'a format that fills no event time',
      { formats: withColumns((columns) => columns.slice(1)) },
      'BAD_REQUEST',
      'needs one time column for ts_event',
    ],
    [
      'a format that fills an unknown column',
      { formats: withColumns((columns) => [...columns, { name: 'x', kind: 'flag', to: 'is_best_match' }]) },
      'BAD_REQUEST',
      'binance-klines fills is_best_match, which klines do not have',
    ],
    [
      'a format that leaves a column without values',
      {
        formats: withColumns((columns) =>
          columns.map((column) => (column.to === 'low' ? { ...column, kind: 'ignored' as const } : column)),
        ),
      },
      'BAD_REQUEST',
      'does not fill every column of klines',
    ],
  ] as const)('refuses %s', async (_, change, code, message) => {
    const file = { ...minutes, ...change }
    await expect(parseArchiveFile(file)).rejects.toMatchObject({ code })
    await expect(parseArchiveFile(file)).rejects.toThrow(message)
  })

  test('an aborted signal stops it, unwrapped', async () => {
    const signal = AbortSignal.abort()
    await expect(parseArchiveFile({ ...minutes, signal })).rejects.toBe(signal.reason)
  })
})

function withColumns(change: (columns: (typeof formats)[0]['columns']) => (typeof formats)[0]['columns']) {
  return formats.map((format) =>
    format.id === 'binance-klines' ? { ...format, columns: change(format.columns) } : format,
  )
}

function zipOf(content: string): Buffer {
  return makeZip([{ name: 'BTCUSDT-1m-2020-01-01.csv', content }])
}

function firstDifference(rows: readonly ReferenceRow[], reference: readonly ReferenceRow[]): unknown {
  if (rows.length !== reference.length) return [rows.length, reference.length]
  const at = rows.findIndex((row, index) => {
    const other = reference[index] ?? {}
    const names = Object.keys(other)
    return names.length !== Object.keys(row).length || names.some((name) => row[name] !== other[name])
  })
  return at === -1 ? undefined : [rows[at], reference[at]]
}

/** Exact: decimals are added as integers. */
function sumOf(rows: readonly ReferenceRow[], column: string): bigint | string {
  let sum = 0n
  let isInteger = false
  for (const row of rows) {
    const value = row[column]
    if (typeof value === 'bigint') isInteger = true
    const [whole = '', places = ''] = String(value).split('.')
    sum += BigInt(whole + places.padEnd(20, '0'))
  }
  return isInteger ? sum / 10n ** 20n : plainDecimal(`${sum}e-20`)
}
