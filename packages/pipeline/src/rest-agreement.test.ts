import { readFileSync } from 'node:fs'
import {
  type DatasetId,
  floatValues,
  integerValues,
  intervalMicros,
  type LakeTable,
  type PageFormat,
  parseDatasetId,
  parseInstant,
  parsePeriod,
  type RawPage,
} from '@lake/core'
import { binance } from '@lake/exchanges'
import { parseArchiveFile, parsePageTables } from '@lake/parse'
import { resampleBars } from '@lake/resample'
import { expect, test } from 'vitest'

const RANGE = { from: parseInstant('2020-01-01'), to: parseInstant('2020-01-04') }

const NUMBERS = [
  ...(['open', 'high', 'low', 'close', 'volume', 'quote_volume'] as const),
  ...(['taker_buy_volume', 'taker_buy_quote_volume'] as const),
]

test.each([
  ['5m', 24, 'interval=5m&limit=24&startTime=1577836800000'],
  ['1d', 3, 'interval=1d&limit=1000&startTime=1546041600000'],
] as const)('archived minutes give the %s bars of the REST interface, all %i of them', async (to, bars, query) => {
  const rest = await recordedBars(to, query)
  expect(rest.numRows).toBe(bars)
  const length = intervalMicros(to)
  const from = Number(integerValues(rest, 'ts_event')[0])
  const resampled = await Promise.all(
    ['2020-01-01', '2020-01-02', '2020-01-03'].map(async (day) => {
      const minutes = await archivedMinutes(day)
      return resampleBars(minutes, { from: '1m', to })
    }),
  )
  const first = Math.floor((from - RANGE.from) / length)
  for (const name of NUMBERS) {
    const all = resampled.flatMap((table) => [...floatValues(table, name)])
    expect(all.slice(first, first + bars).map(String)).toEqual([...floatValues(rest, name)].map(String))
  }
  for (const name of ['ts_event', 'ts_available', 'close_time', 'trade_count'] as const) {
    const all = resampled.flatMap((table) => [...integerValues(table, name)])
    expect(all.slice(first, first + bars)).toEqual([...integerValues(rest, name)])
  }
})

async function archivedMinutes(day: string): Promise<LakeTable<'klines'>> {
  const dataset = klines('1m')
  const period = parsePeriod(day)
  const name = binance.archive?.key(dataset, period) ?? ''
  const bytes = readFileSync(new URL(`../../../fixtures/archive/${name}`, import.meta.url))
  return (await parseArchiveFile({ name, bytes, dataset, period, formats: binance.formats ?? [] })).table
}

/** The bars of a recorded answer; those of the three days count. */
async function recordedBars(interval: '5m' | '1d', query: string): Promise<LakeTable<'klines'>> {
  const dataset = klines(interval)
  const url = new URL('../../../fixtures/rest/binance/api_v3_klines.json', import.meta.url)
  const recorded: unknown = JSON.parse(readFileSync(url, 'utf8'))
  const answers = Array.isArray(recorded) ? recorded.filter(isAnswer) : []
  const wanted = answers.filter(({ queryString }) => queryString.includes(query))
  const pages = wanted.map(({ data, queryString }): RawPage => {
    const body = Buffer.from(JSON.stringify(data))
    return {
      envelope: {
        dataset,
        series: KLINES.id,
        request: { method: 'publicGetKlines', parameters: { query: queryString } },
        range: RANGE,
        requestedAt: parseInstant('2020-02-01'),
        receivedAt: parseInstant('2020-02-01'),
        asOf: parseInstant('2020-02-01'),
        status: 200,
        headers: {},
        sha256: '',
      },
      body,
    }
  })
  const series = [{ id: KLINES.id, format: KLINES }]
  const { tables, report } = await parsePageTables({ pages, dataset, series })
  expect(report.rows + report.outside).toBe(interval === '5m' ? 24 : 372)
  const [only] = tables
  if (only === undefined) throw new Error('no recorded bars')
  return only.table
}

function klines(interval: '1m' | '5m' | '1d'): DatasetId & { readonly dataType: 'klines' } {
  return { ...parseDatasetId(`binance/spot/klines/BTCUSDT/${interval}`), dataType: 'klines' }
}

interface Answer {
  readonly data: unknown
  readonly queryString: string
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'data' in value && 'queryString' in value
}

const KLINES: PageFormat = {
  id: 'recorded-klines',
  dataType: 'klines',
  markets: ['spot'],
  rows: [],
  shape: 'array',
  columns: binance.formats?.find(({ id }) => id === 'binance-klines')?.columns ?? [],
}
