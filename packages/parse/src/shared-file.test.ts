import { integerValues, isTableOf, LakeError, parsePeriod, type SourceFormat } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchive, parseArchiveFile, type ParseFileOptions } from './index.ts'

const format: SourceFormat = {
  ...{ id: 'chain-trades', dataType: 'trades', markets: ['cm'], container: 'csv', header: 'present' },
  columns: [
    { name: 'trade_id', kind: 'integer', to: 'trade_id' },
    { name: 'instrument', kind: 'symbol' },
    { name: 'side', kind: 'word', to: 'side', words: { buy: 'buy', sell: 'sell' } },
    { name: 'price', kind: 'decimal', to: 'price' },
    { name: 'size', kind: 'decimal', to: 'size' },
    { name: 'time', kind: 'time', to: 'ts_event' },
  ],
  variants: [
    {
      era: 'without names',
      columns: [
        { name: 'trade_id', kind: 'integer', to: 'trade_id' },
        { name: 'side', kind: 'word', to: 'side', words: { buy: 'buy', sell: 'sell' } },
        { name: 'price', kind: 'decimal', to: 'price' },
        { name: 'size', kind: 'decimal', to: 'size' },
        { name: 'time', kind: 'time', to: 'ts_event' },
      ],
    },
  ],
}

const HEADER = 'trade_id,instrument,side,price,size,time'

function row(id: number, symbol: string, price = '1.5'): string {
  return `${id},${symbol},buy,${price},1,${1_709_251_200_000 + id}`
}

function optionsOf(lines: readonly string[], symbol = 'BTC-1'): ParseFileOptions<'trades'> {
  return {
    bytes: Buffer.from([...lines, ''].join('\n')),
    name: 'chain.csv',
    dataset: { exchange: 'okx', market: 'cm', dataType: 'trades', symbol },
    period: parsePeriod('2024-03-01'),
    formats: [format],
    shared: { namesBegin: 'BTC-' },
  }
}

async function idsOf(options: ParseFileOptions<'trades'>): Promise<number[]> {
  return [...integerValues((await parseArchiveFile(options)).table, 'trade_id')].map(Number)
}

const MIXED = [
  HEADER,
  row(3, 'BTC-1'),
  row(9, 'BTC-10'),
  row(1, 'BTC-'),
  row(2, 'BTC-1'),
  row(5, 'BTC-1'),
  row(4, 'BTC-2'),
]

describe('a file of many instruments', () => {
  test('gives the rows of one, in its order, and counts the others', async () => {
    expect(await idsOf(optionsOf(MIXED))).toEqual([3, 2, 5])
    expect(await idsOf(optionsOf(MIXED, 'BTC-10'))).toEqual([9])
    const { report } = await parseArchiveFile(optionsOf(MIXED))
    expect(report).toMatchObject({ rows: 3, passedOver: 3, sorted: false, firstTime: 1_709_251_200_002_000 })
    expect(report.fingerprint).toMatchObject({ rows: 6, ownRows: 3, expectedRows: null })
  })

  test('is read in batches, whose first lines are those of the file', async () => {
    const { bytes: source, ...options } = optionsOf(MIXED)
    const lines: number[] = []
    for await (const { firstLine } of parseArchive({ ...options, source, batchRows: 1 })) lines.push(firstLine)
    expect(lines).toEqual([2, 5, 6])
  })

  test('without a row of the instrument is one empty table, and no error', async () => {
    const { table, report } = await parseArchiveFile(optionsOf(MIXED, 'BTC-7'))
    expect([table.numRows, isTableOf(table, 'trades')]).toEqual([0, true])
    const { from } = parsePeriod('2024-03-01')
    expect(report).toMatchObject({ rows: 0, passedOver: 6, firstTime: from, lastTime: from })
    await expect(parseArchiveFile(optionsOf([HEADER]))).rejects.toMatchObject({ code: 'BAD_FORMAT' })
  })

  test('may have anything but a name in the rows of others', async () => {
    const lines = [HEADER, 'x,BTC-2', row(1, 'BTC-1'), 'y,BTC-2,,,,,,,,']
    expect(await idsOf(optionsOf(lines))).toEqual([1])
  })

  test('has the bad rows of the instrument put aside, as a share of its own rows', async () => {
    const good = Array.from({ length: 9 }, (_, index) => row(index, 'BTC-1'))
    const others = Array.from({ length: 900 }, (_, index) => row(index, 'BTC-2'))
    const options = optionsOf([HEADER, ...others, ...good, row(7, 'BTC-1', 'much')])
    const { report } = await parseArchiveFile({ ...options, quarantine: { limit: 0.1 } })
    expect(report.quarantined).toMatchObject([{ line: 911, column: 'price', value: 'much' }])
    const refused = parseArchiveFile({ ...options, quarantine: { limit: 0.09 } })
    await expect(refused).rejects.toThrow('1 bad row of 10 of the instrument, more than a share of 0.09')
  })

  test.each([
    ['', 'is blank, but more lines follow'],
    ['7,,buy,1,1,1709251200000', 'does not say which instrument it is of'],
    ['7', 'does not say which instrument it is of'],
  ])('with a line that names nobody, %j, has it put aside, as a share of all lines', async (line, reason) => {
    const others = Array.from({ length: 98 }, (_, index) => row(index, 'BTC-2'))
    const options = optionsOf([HEADER, ...others, line, row(1, 'BTC-1')])
    const { report } = await parseArchiveFile({ ...options, quarantine: { limit: 0.01 } })
    expect(report.quarantined).toMatchObject([{ line: 100, column: null, reason }])
    const refused = parseArchiveFile({ ...options, quarantine: { limit: 0.009 } })
    await expect(refused).rejects.toThrow('1 bad row that name no instrument of 100 in all, more than a share of 0.009')
    await expect(parseArchiveFile(options)).rejects.toMatchObject({ code: 'BAD_ROW', details: { line: 100 } })
  })

  test('may end with a blank line, and in carriage returns', async () => {
    const bytes = Buffer.from(`${MIXED.join('\r\n')}\r\n\r\n`)
    expect(await idsOf({ ...optionsOf([]), bytes })).toEqual([3, 2, 5])
  })

  test.each([
    ['ETH-1', 'WRONG_FILE', /'ETH-1' does not begin with BTC-/],
    ['"BTC-1"', 'BAD_FORMAT', /is no name of an instrument/],
    ['BTC-1 ', 'BAD_FORMAT', /is no name of an instrument/],
  ])('is refused for the name %j, whatever may be put aside', async (name, code, message) => {
    const options = { ...optionsOf([HEADER, row(1, 'BTC-1'), row(2, name)]), quarantine: { limit: 1 } }
    const error: unknown = await parseArchiveFile(options).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, details: { line: 3, column: 'instrument', value: name } })
    expect(LakeError.is(error) && error.message).toMatch(message)
  })

  test('whose rows do not say whose they are is refused', async () => {
    const options = optionsOf(['trade_id,side,price,size,time', '1,buy,2,3,1709251200000'])
    await expect(parseArchiveFile(options)).rejects.toMatchObject({ code: 'BAD_FORMAT', details: { line: 1 } })
    expect(await parseArchiveFile({ ...options, shared: undefined })).toMatchObject({
      report: { rows: 1 },
    })
  })
})
