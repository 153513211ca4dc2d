import { formatInstant, integerValues, type ObjectStore, parseInstant } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type RunReport, runPipeline } from './index.ts'
import { contentOf, publish } from './testing/fixtures.ts'

/*
 * Metrics of USD-margined markets before 2026-06-25: the last row of a day bears the next midnight, or some seconds after
 * it; other days begin with their own.
 */
const DATASET = 'binance/um/metrics/BTCUSDT'
const HEADER =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'
const APRIL = partitionOf('2024-04')
const MAY = partitionOf('2024-05')

let archive: ObjectStore
let store: ObjectStore

beforeEach(() => {
  archive = memoryStore()
  store = memoryStore()
})

describe('the row of the next midnight', () => {
  test('goes to the month that it is of', async () => {
    await putDay('2024-04-30', fiveMinutes('2024-04-30T00:05:00Z', 287), ['2024-05-01 00:00:02'])
    await putDay('2024-05-01', fiveMinutes('2024-05-01T00:05:00Z', 288))
    const { datasets, failures } = await run()
    expect(failures).toEqual([])
    // Before the first day that is held there is a row of its midnight, in a file that is not here.
    expect(datasets[0]).toMatchObject({ rows: 576, partitions: 2, rowsMissing: 1, last: '2024-05-02T00:00:00Z' })
    expect((await timesOf(APRIL)).at(-1)).toBe('2024-04-30T23:55:00Z')
    expect((await timesOf(MAY)).slice(0, 2)).toEqual(['2024-05-01T00:00:02Z', '2024-05-01T00:05:00Z'])
    const before = await contentOf(store, 'silver/')
    expect((await run()).datasets[0]).toMatchObject({ rows: 576, partitions: 0 })
    expect(await contentOf(store, 'silver/')).toEqual(before)
  })

  test('is a month of its own until the rest of it comes', async () => {
    await putDay('2024-04-30', fiveMinutes('2024-04-30T00:05:00Z', 288))
    expect((await run()).datasets[0]).toMatchObject({ rows: 288, partitions: 2, rowsMissing: 1 })
    expect(await timesOf(MAY)).toEqual(['2024-05-01T00:00:00Z'])
    await putDay('2024-05-01', fiveMinutes('2024-05-01T00:05:00Z', 288))
    expect((await run()).datasets[0]).toMatchObject({ rows: 576, partitions: 1, rowsMissing: 1 })
  })

  test('is not awaited where a day ends without it', async () => {
    await putDay('2024-04-30', fiveMinutes('2024-04-30T00:00:00Z', 288))
    expect((await run()).datasets[0]).toMatchObject({ rows: 288, partitions: 1, rowsMissing: 0 })
    expect(Object.keys(await contentOf(store, 'silver/'))).toEqual([APRIL])
    expect((await run()).datasets[0]).toMatchObject({ rows: 288, partitions: 0 })
  })

  test('gives way to that of the day that it is of', async () => {
    await putDay('2024-04-30', fiveMinutes('2024-04-30T00:05:00Z', 288), [], 1)
    await putDay('2024-05-01', fiveMinutes('2024-05-01T00:00:00Z', 288), [], 2)
    const { datasets } = await run()
    expect(datasets[0]).toMatchObject({ rows: 575, counts: { duplicate_rows: 1, conflicting_sum_open_interest: 1 } })
    expect(datasets[0]?.conflicts[0]).toMatchObject({ kept: { value: 2 }, dropped: { value: 1 } })
  })

  test('is taken with the day that is asked for', async () => {
    await putDay('2024-04-30', fiveMinutes('2024-04-30T00:05:00Z', 288))
    await putDay('2024-05-01', fiveMinutes('2024-05-01T00:05:00Z', 288))
    const range = { from: parseInstant('2024-05-01'), to: parseInstant('2024-05-02') }
    const { datasets } = await runPipeline(defineLake({ lake: store }), { source: archive, datasets: [DATASET], range })
    expect(datasets[0]).toMatchObject({ files: 2, rowsMissing: 0 })
    expect((await timesOf(MAY))[0]).toBe('2024-05-01T00:00:00Z')
  })
})

test.each([
  ['five minutes behind midnight', '2024-04-30', '2024-05-01 00:05:00'],
  ['before the day', '2024-04-30', '2024-04-29 23:59:59'],
  ['of midnight since rows bear their begin', '2026-06-25', '2026-06-26 00:00:00'],
])('a row %s refuses the file', async (_, day, time) => {
  await putDay(day, fiveMinutes(`${day}T00:05:00Z`, 10), [time])
  const { failures } = await run()
  expect(failures[0]?.error).toMatchObject({ code: 'BAD_ROW', details: { line: 12, value: time } })
  expect(failures[0]?.error.message).toContain('outside the period of the file')
})

function fiveMinutes(from: string, rows: number): string[] {
  const first = parseInstant(from)
  return Array.from({ length: rows }, (_, at) =>
    formatInstant(first + at * 300_000_000)
      .slice(0, 19)
      .replace('T', ' '),
  )
}

async function putDay(day: string, times: readonly string[], more: readonly string[] = [], value = 1): Promise<void> {
  const rows = [...times, ...more].map((time) => `${time},BTCUSDT,${value},2.5,,,,`)
  const stem = `BTCUSDT-metrics-${day}`
  const bytes = new TextEncoder().encode([HEADER, ...rows, ''].join('\n'))
  const zip = await writeZip([{ name: `${stem}.csv`, bytes }])
  await publish(archive, `data/futures/um/daily/metrics/BTCUSDT/${stem}.zip`, zip)
}

async function run(): Promise<RunReport> {
  return runPipeline(defineLake({ lake: store }), { source: archive, datasets: [DATASET] })
}

function partitionOf(month: string): string {
  return `silver/metrics/exchange=binance/market=um/symbol=BTCUSDT/month=${month}/${month}.parquet`
}

async function timesOf(key: string): Promise<string[]> {
  const { body } = await store.get(key)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const table = await readParquet(Buffer.concat(chunks))
  return [...integerValues(table, 'ts_event')].map(Number).map(formatInstant)
}
