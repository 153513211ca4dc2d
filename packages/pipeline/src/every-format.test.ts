import { gzipSync } from 'node:zlib'
import { type ObjectStore, parseDatasetId, parsePeriod, readObject, type SourceFormat } from '@lake/core'
import { getExchange, listExchanges } from '@lake/exchanges'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { defineLake, type Lake, type RunReport, runPipeline } from './index.ts'
import { ARCHIVE_ROWS, type ArchiveRows } from './testing/archive-rows.ts'
import { copySample } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

/** Rows of the sample's real files. */
const REAL_ROWS = {
  'binance/spot/klines/BTCUSDT/1m': 4320,
  'binance/spot/klines/BTCUSDT/1h': 48,
  'binance/cm/aggTrades/BTCUSD_PERP': 105_280,
  'binance/um/fundingRate/BTCUSDT': 90,
}

const datasets = [...new Set([...ARCHIVE_ROWS.map(({ dataset }) => dataset), ...SAMPLE_DATASETS])]

let archive: ObjectStore
let lake: Lake
let report: RunReport

beforeAll(async () => {
  archive = await copySample('')
  for (const file of ARCHIVE_ROWS) await publishRows(file)
  lake = defineLake({ lake: memoryStore() })
  report = await runPipeline(lake, { source: archive, datasets })
}, 60_000)

describe('one archive with every format that is described', () => {
  test('has each format of each venue in each market', () => {
    const covered = new Set(ARCHIVE_ROWS.map(({ dataset }) => placeOf(dataset)))
    const described = listExchanges().flatMap(({ id, formats = [] }) =>
      formats.flatMap((format) => placesOf(id, format)),
    )
    expect(described.filter((place) => !covered.has(place))).toEqual([])
  })

  test('comes to silver in one run, with every row', () => {
    expect(report.failures).toEqual([])
    const rows = Object.fromEntries(report.datasets.map((one) => [one.id, one.rows]))
    const expected = new Map<string, number>(Object.entries(REAL_ROWS))
    for (const { dataset, ...file } of ARCHIVE_ROWS) {
      expected.set(dataset, (expected.get(dataset) ?? 0) + rowCount(file))
    }
    expect(rows).toEqual(Object.fromEntries(expected))
    expect(report.datasets.filter(({ quarantined, counts }) => quarantined > 0 || 'inexact_price' in counts)).toEqual(
      [],
    )
  })

  test('fills every silver table', () => {
    const tables = new Set(report.datasets.map(({ table }) => table))
    expect([...tables].sort()).toEqual(
      [
        ...['agg_trades', 'book_depth', 'book_tickers', 'bvol_index', 'eoh_summary', 'funding_rates', 'index_klines'],
        ...['klines', 'liquidations', 'mark_klines', 'metrics', 'premium_klines', 'trades'],
      ].sort(),
    )
  })

  test('keeps ids beyond 2^53, prices to the last digit and times to the microsecond', async () => {
    const trade = await firstRow('bybit/um/trades/BTCUSDT', '2026-09-01')
    expect(trade).toMatchObject({ trade_id: 0x555a5c118b1df2f3n, price: 78541.7, side: 'sell' })
    const tick = await firstRow('gate/spot/trades/BTC_USDT', '2026-08-01')
    expect(tick).toMatchObject({ price: 62892.7, size: 0.000159, side: 'sell' })
    const bars = await firstRow('kucoin/spot/klines/ETHUSDT/1m', '2025-01')
    expect(bars).toMatchObject({ open: 93576, close: 93610, high: 93620, low: 93500, quote_volume: 140391.25 })
  })

  test('finds nothing in the order of ids that are made of UUIDs', () => {
    const trades = report.datasets.find(({ id }) => id === 'bybit/um/trades/BTCUSDT')
    expect(trades).toMatchObject({ warnings: {}, score: 100 })
  })

  test('gives bars in gold no number of trades where the venue gives none', async () => {
    const counts: unknown[] = []
    for await (const { key } of lake.store.list({ prefix: 'gold/bars/exchange=okx/market=um/symbol=ETH-USDT-SWAP/' })) {
      const table = await readParquet(await readObject(lake.store, key))
      counts.push(table.getChild('trade_count')?.toJSON())
    }
    expect(counts).toEqual([[null], [null], [null]])
  })

  test('cuts days that begin at another hour than UTC ones into the months that they reach', async () => {
    const october = await firstRow('okx/spot/klines/ETH-USDT/1m', '2025-10', 1)
    const november = await firstRow('okx/spot/klines/ETH-USDT/1m', '2025-11')
    expect([october['ts_event'], november['ts_event']]).toEqual([1_761_926_400_000, 1_761_955_200_000])
  })

  test('takes the first hours of a month of bars for MetaTrader for those of the month before', async () => {
    const december = await firstRow('bybit/um/klines/BTCUSDT/1m', '2022-12')
    const january = await firstRow('bybit/um/klines/BTCUSDT/1m', '2023-01')
    expect([december['ts_event'], january['ts_event']]).toEqual([1_672_520_400_000, 1_672_531_200_000])
  })

  test('has nothing to do the second time', async () => {
    const again = await runPipeline(lake, { source: archive, datasets })
    expect(again.failures).toEqual([])
    expect(again.datasets.reduce((sum, { partitions }) => sum + partitions, 0)).toBe(0)
  })
})

function placeOf(id: string): string {
  const { exchange, market, dataType } = parseDatasetId(id)
  return `${exchange}/${market}/${dataType}`
}

function placesOf(exchange: string, { markets, dataType }: SourceFormat): string[] {
  return markets.map((market) => `${exchange}/${market}/${dataType}`)
}

function rowCount({ lines, rows }: Omit<ArchiveRows, 'dataset'>): number {
  return rows ?? (/^\d/.test(lines[0] ?? '') || /^[A-Z]+-/.test(lines[0] ?? '') ? lines.length : lines.length - 1)
}

async function publishRows({ dataset: id, period, lines, history }: ArchiveRows): Promise<void> {
  const dataset = parseDatasetId(id)
  const adapter = getExchange(dataset.exchange)
  const key = history ?? adapter.archive?.key(dataset, parsePeriod(period))
  if (key === undefined) throw new Error(`the archive of ${dataset.exchange} has no place for ${id} ${period}`)
  // Bytes beyond ASCII stand for themselves here: an encoding that is not UTF-8.
  const bytes = Buffer.from(`${lines.join('\n')}\n`, 'latin1')
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/\.zip$/, '.csv')
  if (history !== undefined) await archive.put(key, bytes)
  else await archive.put(key, key.endsWith('.gz') ? gzipSync(bytes) : await writeZip([{ name, bytes }]))
}

async function firstRow(id: string, label: string, row = 0): Promise<Record<string, unknown>> {
  const dataset = parseDatasetId(id)
  for await (const { key } of lake.store.list({ prefix: 'silver/' })) {
    const symbol = `exchange=${dataset.exchange}/market=${dataset.market}/symbol=${dataset.symbol}/`
    if (!key.includes(symbol) || !key.endsWith(`/${label}.parquet`)) continue
    if (!key.startsWith(`silver/${report.datasets.find((one) => one.id === id)?.table ?? ''}/`)) continue
    const table = await readParquet(await readObject(lake.store, key))
    return Object.fromEntries(table.schema.names.map((name) => [name, table.getChild(name)?.get(row)]))
  }
  throw new Error(`no partition ${label} of ${id}`)
}
