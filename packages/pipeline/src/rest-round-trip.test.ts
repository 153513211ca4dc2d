import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatasetId, parseInstant, readObject, wordValues } from '@lake/core'
import { rowsFromArchive, startVenue } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import type { Table } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineLake, type Lake, runPipeline, updateLake } from './index.ts'
import { publish, SAMPLE } from './testing/fixtures.ts'

/*
 * A file of the archive goes into one lake; the same rows in the form of the REST interface are served to another one.
 * Both must hold the same silver, cell for cell, but for the source of the rows.
 */

let budgetFolder: string

beforeAll(async () => {
  budgetFolder = await mkdtemp(join(tmpdir(), 'lake-round-trip-'))
})

afterAll(async () => {
  await rm(budgetFolder, { recursive: true })
})

interface Case {
  readonly dataset: string
  /** In the archive of the sample, or made of `text`. */
  readonly key: string
  readonly text?: string
  readonly from: string
  readonly to: string
  /** Columns that REST cannot say in each row: null there, or the same. */
  readonly partly?: readonly string[]
}

const BARS =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const TRADES = 'id,price,qty,quote_qty,time,is_buyer_maker'
const METRICS =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'

const um = (type: string, name: string): string => `data/futures/um/daily/${type}/BTCUSDT/${name}.zip`

const CASES: readonly Case[] = [
  {
    dataset: 'binance/spot/klines/BTCUSDT/1m',
    key: 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02.zip',
    ...{ from: '2020-01-02', to: '2020-01-03' },
  },
  {
    dataset: 'binance/um/fundingRate/BTCUSDT',
    key: 'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip',
    ...{ from: '2026-04-01', to: '2026-05-01' },
    // Proven between two rows of an answer alone.
    partly: ['funding_interval_hours'],
  },
  {
    dataset: 'binance/cm/aggTrades/BTCUSD_PERP',
    key: 'data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip',
    ...{ from: '2026-05-08', to: '2026-05-09' },
  },
  {
    dataset: 'binance/um/klines/BTCUSDT/1m',
    key: um('klines', '1m/BTCUSDT-1m-2026-07-15'),
    text: `${BARS}\n1784073600000,65014.60,65031.80,64996.80,65011.50,327.207,1784073659999,21273110.50730,5998,222.863,14489221.32700,0\n`,
    ...{ from: '2026-07-15', to: '2026-07-15T00:01:00Z' },
  },
  {
    dataset: 'binance/um/indexPriceKlines/BTCUSDT/1h',
    key: um('indexPriceKlines', '1h/BTCUSDT-1h-2025-07-31'),
    text: `${BARS}\n1753920000000,0.05850465,0.05864322,0.05814527,0.05849142,0,1753923599999,0,3600,0,0,0\n`,
    ...{ from: '2025-07-31', to: '2025-07-31T01:00:00Z' },
  },
  {
    dataset: 'binance/um/premiumIndexKlines/BTCUSDT/15m',
    key: um('premiumIndexKlines', '15m/BTCUSDT-15m-2025-07-31'),
    text: `${BARS}\n1753920000000,0.00449955,0.00449955,-0.00076832,-0.00076832,0,1753920899999,0,180,0,0,0\n`,
    ...{ from: '2025-07-31', to: '2025-07-31T00:15:00Z' },
  },
  {
    dataset: 'binance/um/markPriceKlines/BTCUSDT/1m',
    key: um('markPriceKlines', '1m/BTCUSDT-1m-2022-06-15'),
    text: '1655251200000,22122.70,22130.00,22120.00,22125.10,0,1655251259999,0,60,0,0,0\n',
    ...{ from: '2022-06-15', to: '2022-06-15T00:01:00Z' },
  },
  {
    dataset: 'binance/um/trades/BTCUSDT',
    key: um('trades', 'BTCUSDT-trades-2025-07-31'),
    text: `${TRADES}\n66119037,1.4327,11.6,16.61932,1753920002864,true\n66119038,1.4328,0.5,0.7164,1753920002864,false\n`,
    ...{ from: '2025-07-31', to: '2025-08-01' },
  },
  {
    dataset: 'binance/um/metrics/BTCUSDT',
    key: um('metrics', 'BTCUSDT-metrics-2026-05-08'),
    text: `${METRICS}\n2026-05-08 00:00:00,BTCUSDT,90512.1230,7241000000.5000,1.91,1.62,2.04,0.98\n2026-05-08 00:05:00,BTCUSDT,90513.0010,7241100000.0000,1.92,,2.05,\n`,
    ...{ from: '2026-05-08', to: '2026-05-08T00:10:00Z' },
  },
]

test.each(CASES)('$dataset is the same by REST as from its archive', { timeout: 60_000 }, async (one) => {
  const { dataset, key, from, to, partly = [] } = one
  const zip = await fileOf(one)
  const source = memoryStore()
  await publish(source, key, zip)
  const archived = defineLake({ lake: memoryStore() })
  expect((await runPipeline(archived, { source, datasets: [dataset], gold: [] })).failures).toEqual([])

  const now = (): number => parseInstant(to) + 3_600_000_000
  await using venue = await startVenue({ rows: rowsFromArchive(zip, parseDatasetId(dataset)), now })
  const fetched = defineLake({ lake: memoryStore(), now, venues: { urls: { binance: venue.url }, budgetFolder } })
  const range = { from: parseInstant(from), to: parseInstant(to) }
  const { failures } = await updateLake(fetched, { datasets: [dataset], ...range, commitEvery: 0 })
  expect(failures).toEqual([])

  const [theirs, ours] = [await silverOf(archived), await silverOf(fetched)]
  expect(ours.map(({ key: name }) => name)).toEqual(theirs.map(({ key: name }) => name))
  for (const [index, { table }] of ours.entries()) {
    const expected = theirs[index]?.table ?? expect.fail()
    expect(new Set(wordsOf(table))).toEqual(new Set(['rest']))
    expect(table.numRows).toBe(expected.numRows)
    for (const { name } of table.schema.fields) {
      if (name === 'source') continue
      const [read, wanted] = [cellsOf(table, name), cellsOf(expected, name)]
      if (partly.includes(name)) expect(read.slice(1, -1), name).toEqual(wanted.slice(1, -1))
      else expect(read, name).toEqual(wanted)
    }
  }
})

async function fileOf({ key, text }: Case): Promise<Uint8Array> {
  if (text === undefined) return readFile(join(SAMPLE, key))
  const name = key.split('/').at(-1)?.replace('.zip', '.csv') ?? ''
  return writeZip([{ name, bytes: Buffer.from(text) }])
}

async function silverOf(lake: Lake): Promise<{ key: string; table: Table }[]> {
  const files: { key: string; table: Table }[] = []
  for await (const { key } of lake.store.list({ prefix: 'silver/' })) {
    files.push({ key, table: await readParquet(await readObject(lake.store, key)) })
  }
  expect(files.length).toBeGreaterThan(0)
  return files
}

function wordsOf(table: Table): string[] {
  const { codes, words } = wordValues(table, 'source')
  return Array.from(codes, (code) => words[code] ?? '')
}

/** Cells as texts, so that a difference is readable and a float keeps its digits. */
function cellsOf(table: Table, name: string): string[] {
  return Array.from(table.getChild(name) ?? [], String)
}
