import { type FormatFingerprint, LakeError, nullFlags, wordValues } from '@lake/core'
import { describe, expect, test } from 'vitest'
import {
  formatChanges,
  isKnownChange,
  parseArchiveFile,
  type ParseReport,
  quarantinedRows,
  quarantineTable,
} from './index.ts'
import { makeZip } from './testing/make-zip.ts'
import { realFile } from './testing/real-files.ts'
import { tableRows } from './testing/table-rows.ts'

const minutes = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')
const lines = minutes.csv.trimEnd().split('\n')
type FileOptions = Partial<Parameters<typeof parseArchiveFile>[0]>

describe('quarantine', () => {
  const bad = [...lines]
  bad[10] = (bad[10] ?? '').replace(/^\d+/, '1.70027E+12')
  bad[300] = '1,2,3'
  bad[700] = 'x'.repeat(70_000)
  bad[900] = ''

  test('puts bad rows aside, with line, column, value, reason and text, and takes the others', async () => {
    const { table, report } = await parse(bad, { quarantine: { limit: 0.01 } })
    const file = 'BTCUSDT-1m-2020-01-01.csv'
    expect(report.rows).toBe(1436)
    expect(report.quarantined).toEqual([
      {
        file,
        line: 11,
        column: 'open_time',
        value: '1.70027E+12',
        reason: 'is not an epoch time in milliseconds or microseconds',
        text: bad[10],
      },
      { file, line: 301, column: null, value: '1,2,3', reason: 'has 3 columns, not 12', text: '1,2,3' },
      expect.objectContaining({ line: 701, reason: 'is longer than 64 KiB', text: 'x'.repeat(1000) }),
      expect.objectContaining({ line: 901, reason: 'is blank, but more lines follow', text: '' }),
    ])
    const whole = tableRows((await parseArchiveFile(minutes)).table)
    expect(tableRows(table)).toEqual(whole.filter((_, row) => ![10, 300, 700, 900].includes(row)))
  })

  test('gives them as a table', async () => {
    const { report } = await parse(bad, { quarantine: { limit: 0.01 } })
    const table = quarantineTable(report.quarantined)
    expect(table.numRows).toBe(4)
    expect(wordValues(table, 'file').words).toEqual(['BTCUSDT-1m-2020-01-01.csv'])
    expect(nullFlags(table, 'column')).toEqual(Uint8Array.of(0, 1, 1, 1))
    expect(Array.from(table.getChild('line')?.toArray() ?? [])).toEqual([11n, 301n, 701n, 901n])
    expect(quarantinedRows(table)).toEqual(report.quarantined)
  })

  test('refuses the file when they are too many, naming the first', async () => {
    const error = await refusal(parse(bad, { quarantine: {} }))
    expect(error.code).toBe('BAD_ROW')
    expect(error.message).toContain('The file has 4 bad rows of 1440, more than a share of 0.001. The first: ')
    expect(error.message).toContain("line 11, column open_time: '1.70027E+12' is not an epoch time")
    expect(error.details).toMatchObject({ line: 11, badRows: 4 })
    await expect(parse(['x'], { quarantine: { limit: 0.5 } })).rejects.toMatchObject({ code: 'BAD_FORMAT' })
    await expect(parse(['1,2'], { quarantine: { limit: 0.5 } })).rejects.toMatchObject({ code: 'BAD_ROW' })
  })

  test.each([
    ['a day that was shifted by a minute', (time: number) => time + 60_000, 1440, '2020-01-02T00:00:00Z'],
    ['a day that was shifted back', (time: number) => time - 60_000, 1, '2019-12-31T23:59:00Z'],
  ])('refuses %s for its only row outside of the period', async (_, move, line, time) => {
    const moved = lines.map((row) => row.replace(/^\d+/, (open) => String(move(Number(open)))))
    const error = await refusal(parse(moved, { quarantine: { limit: 1 } }))
    expect(error.code).toBe('BAD_ROW')
    expect(error.message).toContain(`is ${time}, outside the period of the file 2020-01-01T00:00:00Z..`)
    expect(error.details).toMatchObject({ line, column: 'open_time' })
  })

  test('puts a time aside that lies in no time at all', async () => {
    const huge = lines.with(20, (lines[20] ?? '').replace(/^\d+/, '99999999999999'))
    expect((await parse(huge, { quarantine: {} })).report.quarantined).toMatchObject([
      { line: 21, column: 'open_time', reason: 'is too large for a time' },
    ])
  })

  test.each([-1, 2, Number.NaN])('refuses a limit of %s', async (limit) => {
    await expect(parse(lines, { quarantine: { limit } })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('does not hold a file of bad rows', async () => {
    const many = [lines[0] ?? '', ...Array.from({ length: 100_001 }, () => '1')]
    await expect(parse(many, { quarantine: { limit: 1 } })).rejects.toThrow('more than 100000 bad rows')
  }, 30_000)
})

describe('the fingerprint', () => {
  test('says what a file looks like', async () => {
    const { report } = await parse(lines)
    expect(report.fingerprint).toEqual({
      format: 'binance-klines',
      era: null,
      header: null,
      columns: 12,
      timeUnit: 'ms',
      places: {
        open: 8,
        high: 8,
        low: 8,
        close: 8,
        volume: 8,
        quote_volume: 8,
        taker_buy_volume: 8,
        taker_buy_quote_volume: 8,
      },
      order: 'ascending',
      repeatedRows: 0,
      rows: 1440,
      expectedRows: 1440,
      days: 1,
    })
    expect(JSON.parse(JSON.stringify(report.fingerprint))).toEqual(report.fingerprint)
  })

  test.each([
    ['ascending', lines.slice(0, 3), 0],
    ['descending', lines.slice(0, 3).toReversed(), 0],
    ['mixed', [lines[1], lines[0], lines[2]], 0],
    ['ascending', lines.slice(0, 3).flatMap((line) => [line, line]), 3],
  ])('tells rows that are %s', async (order, some, repeatedRows) => {
    const { report } = await parse(some.map(String))
    expect(report.fingerprint).toMatchObject({ order, repeatedRows })
    expect(report.sorted).toBe(order === 'ascending')
  })

  test('expects the bars of a calendar', async () => {
    const content = `${Date.UTC(2020, 0, 1)},1,1,1,1,1,${Date.UTC(2020, 1, 1) - 1},1,1,1,1,0\n`
    for (const [interval, rows] of [
      ['1mo', 1],
      ['1w', 4],
      ['12h', 62],
    ] as const) {
      const { dataset } = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')
      const name = `BTCUSDT-${interval}-2020-01.zip`
      const period = { from: Date.UTC(2020, 0) * 1000, to: Date.UTC(2020, 1) * 1000 }
      const bytes = makeZip([{ name: name.replace('zip', 'csv'), content }])
      const { report } = await parseArchiveFile({ ...minutes, dataset: { ...dataset, interval }, name, bytes, period })
      expect([interval, report.fingerprint.expectedRows]).toEqual([interval, rows])
    }
  })
})

describe('a file whose form is not that of the one before', () => {
  test('is read, and what changed is told', async () => {
    const { fingerprint } = (await parse(lines)).report
    const previousFormat: FormatFingerprint = { ...fingerprint, timeUnit: 's', order: 'mixed', header: ['a', 'b'] }
    const { report } = await parse(lines, { previousFormat })
    expect(report.changes).toEqual([
      { what: 'header', from: 'a,b', to: 'none' },
      { what: 'timeUnit', from: 's', to: 'ms' },
      { what: 'order', from: 'mixed', to: 'ascending' },
    ])
    expect((await parse(lines, { previousFormat: fingerprint })).report.changes).toEqual([])
    const other = { ...fingerprint, era: 'x', format: 'y', places: {}, repeatedRows: 4 }
    expect(formatChanges(other, fingerprint).map(({ what }) => what)).toEqual([
      'format',
      'era',
      ...Array.from({ length: 8 }, () => 'places'),
      'repeatedRows',
    ])
  })

  test.each([
    ['half of its bars', { rows: 1440, expectedRows: 1440 }, { rows: 720, expectedRows: 1440 }, true],
    ['nearly all of its bars', { rows: 1440, expectedRows: 1440 }, { rows: 1300, expectedRows: 1440 }, false],
    [
      'twice the bars that it has room for',
      { rows: 1440, expectedRows: 1440 },
      { rows: 2880, expectedRows: 1440 },
      true,
    ],
    [
      'no fewer bars a day in a month',
      { rows: 1440, expectedRows: 1440 },
      { rows: 44_640, expectedRows: 44_640 },
      false,
    ],
    ['its bars once again', { rows: 2880, expectedRows: 1440 }, { rows: 1440, expectedRows: 1440 }, false],
    ['a few bars twice', { rows: 1440, expectedRows: 1440 }, { rows: 1500, expectedRows: 1440 }, false],
    ['more of its bars', { rows: 700, expectedRows: 1440 }, { rows: 1440, expectedRows: 1440 }, false],
    ['a fifth of the events a day', { rows: 31_000, days: 31 }, { rows: 200, days: 1 }, true],
    ['a third of the events', { rows: 900, days: 1 }, { rows: 300, days: 1 }, false],
    ['few events after few', { rows: 99, days: 1 }, { rows: 1, days: 1 }, false],
    ['an unknown number of days', { rows: 900 }, { rows: 1, days: 1 }, false],
  ])('may have %s', async (_, before, after, isTold) => {
    const { days: _days, ...form } = (await parse(lines)).report.fingerprint
    const fingerprint = { ...form, expectedRows: null }
    const changes = formatChanges({ ...fingerprint, ...before }, { ...fingerprint, ...after })
    expect(changes.map(({ what }) => what)).toEqual(isTold ? ['rows'] : [])
  })

  test('is of a change that the format knows, or of one that it does not', () => {
    const format = minutes.formats.find(({ id }) => id === 'binance-klines')
    const isKnown = (change: Parameters<typeof isKnownChange>[0]): boolean | undefined =>
      format === undefined ? undefined : isKnownChange(change, format)
    expect(isKnown({ what: 'header', from: 'none', to: 'a,b' })).toBe(true)
    expect(isKnown({ what: 'timeUnit', from: 'ms', to: 'us' })).toBe(true)
    expect(isKnown({ what: 'rows', from: '1440 of 1440', to: '1 of 1440' })).toBe(true)
    expect(isKnown({ what: 'timeUnit', from: 'us', to: 'ms' })).toBe(false)
    expect(isKnown({ what: 'places', column: 'open', from: '2', to: '8' })).toBe(true)
    expect(isKnown({ what: 'places', column: 'open', from: '8', to: '9' })).toBe(false)
    expect(isKnown({ what: 'places', column: 'open', from: '10', to: '9' })).toBe(true)
    expect(isKnown({ what: 'places', column: 'no such column', from: '0', to: '1' })).toBe(false)
  })

  test('is refused for decimal places that neither it nor the description knows', async () => {
    const { fingerprint } = (await parse(lines)).report
    const changed = [...lines]
    changed[5] = (changed[5] ?? '').replace(/,(\d+\.\d{8}),/, ',$11,')
    const error = await refusal(parse(changed, { previousFormat: fingerprint, quarantine: { limit: 1 } }))
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toMatch(/csv line 6, column open: '\d+\.\d{9}' has 9 decimal places; up to 8 are known/)
    expect(error.details).toMatchObject({ line: 6, column: 'open' })
    const { report } = await parse(changed)
    await expect(parse(changed, { previousFormat: report.fingerprint })).resolves.toHaveProperty('report.changes', [])
  })

  test('is refused for milliseconds after microseconds', async () => {
    const { fingerprint } = (await parse(lines)).report
    const error = await refusal(parse(lines, { previousFormat: { ...fingerprint, timeUnit: 'us' } }))
    expect(error.code).toBe('BAD_FORMAT')
    expect(error.message).toContain(
      'line 1, column open_time: times are milliseconds, but the file before had microseconds',
    )
  })
})

async function parse(
  rows: readonly string[],
  options: FileOptions = {},
): Promise<{ report: ParseReport; table: Awaited<ReturnType<typeof parseArchiveFile>>['table'] }> {
  const bytes = makeZip([{ name: 'BTCUSDT-1m-2020-01-01.csv', content: rows.join('\n'), stored: true }])
  return parseArchiveFile({ ...minutes, bytes, ...options })
}

async function refusal(result: Promise<unknown>): Promise<LakeError> {
  const error: unknown = await result.catch((thrown: unknown) => thrown)
  if (LakeError.is(error)) return error
  throw new Error('nothing was refused')
}
