import { parseTimeRange } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { defineLake, discoverSource, planRun, runPipeline } from './index.ts'
import { contentOf } from './testing/fixtures.ts'

const range = parseTimeRange('2024-03-01', '2024-03-02')

/** A source that fails when anything is asked of it. */
const untouched = { ...memoryStore(), list: () => expect.fail('listed'), get: () => expect.fail('read') }

test.each([
  ['bybit/cm/klines/BTCUSD/1m', /dollars or coins.* Nothing was moved\. Take the trades .* lake update/],
  ['okx/cm/trades/BTC-USD-futureschain', /one file, and the lake a table for each.* Nothing was moved\. lake sync/],
  ['okx/um/fundingRate/allswap', /all perpetuals.* Nothing was moved\. Monthly files of one perpetual are read/],
])('a run over %s says why it is not read, before it asks for anything', async (id, message) => {
  const lake = defineLake({ lake: memoryStore() })
  const request = { source: untouched, datasets: [id], range }
  const { failures } = await runPipeline(lake, request)
  expect(failures).toMatchObject([{ id, error: { code: 'UNSUPPORTED', details: { dataset: id } } }])
  expect(failures[0]?.error.message).toMatch(message)
  await expect(planRun(lake, request)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect(await contentOf(lake.store, '')).toEqual({})
})

test('a dated future of OKX is told to lie in the file of its family, and is read where it has one of its own', async () => {
  const source = memoryStore()
  const lake = defineLake({ lake: memoryStore() })
  const family = 'trades/daily/20240301/BTC-USD-futureschain-trades-2024-03-01.zip'
  await source.put(family, new Uint8Array([1]))
  const request = { source, datasets: ['okx/cm/trades/BTC-USD-240329'], range, gold: [] }
  const [failure] = (await runPipeline(lake, request)).failures
  expect(failure?.error).toMatchObject({ code: 'UNSUPPORTED' })
  expect(failure?.error.message).toContain('all dated instruments of a family in one file')
  const csv = 'instrument_name,trade_id,side,price,size,created_time\nBTC-USD-240329,1,buy,63000.1,3,1709251200000\n'
  const name = 'BTC-USD-240329-trades-2024-03-01'
  const zip = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(csv) }])
  await source.put(`trades/daily/20240301/${name}.zip`, zip)
  expect(await runPipeline(lake, request)).toMatchObject({ datasets: [{ rows: 1 }], failures: [] })
})

test('the rest of an exchange is as it was: a pair that has no files is only not found', async () => {
  const lake = defineLake({ lake: memoryStore() })
  const request = { source: memoryStore(), datasets: ['okx/cm/trades/BTC-USD-SWAP'], range }
  await expect(planRun(lake, request)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('what is not read can be discovered', async () => {
  const source = memoryStore()
  await source.put('trades/daily/20240301/BTC-USD-futureschain-trades-2024-03-01.zip', new Uint8Array([1]))
  const lake = defineLake({ lake: memoryStore() })
  expect(JSON.stringify(await discoverSource(lake, { source, exchange: 'okx', range }))).toContain('futureschain')
})
