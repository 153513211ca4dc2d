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
  [
    'okx/cm/trades/BTC-USD-futureschain',
    /many instruments.* Nothing was moved\. Name an instrument of it, as okx\/cm\/trades\/BTC-USD-240329/,
  ],
  ['okx/um/fundingRate/allswap', /many instruments.* Nothing was moved\. Name an instrument/],
  ['okx/cm/aggTrades/BTC-USD-futureschain', /do not say which instrument.* Nothing was moved\. Take the trades/],
  ['okx/option/klines/BTC-USD-240329-70000-C/1m', /volumes .* Nothing was moved\. Take the trades of one option/],
])('a run over %s says why it is not read, before it asks for anything', async (id, message) => {
  const lake = defineLake({ lake: memoryStore() })
  const request = { source: untouched, datasets: [id], range }
  const { failures } = await runPipeline(lake, request)
  expect(failures).toMatchObject([{ id, error: { code: 'UNSUPPORTED', details: { dataset: id } } }])
  expect(failures[0]?.error.message).toMatch(message)
  await expect(planRun(lake, request)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect(await contentOf(lake.store, '')).toEqual({})
})

test('aggregated trades of a dated future of OKX are told to lie in a file that does not tell them apart', async () => {
  const source = memoryStore()
  const lake = defineLake({ lake: memoryStore() })
  const family = 'aggtrades/daily/20240301/BTC-USD-futureschain-aggtrades-2024-03-01.zip'
  await source.put(family, new Uint8Array([1]))
  const request = { source, datasets: ['okx/cm/aggTrades/BTC-USD-240329'], range, gold: [] }
  const [failure] = (await runPipeline(lake, request)).failures
  expect(failure?.error).toMatchObject({ code: 'UNSUPPORTED' })
  expect(failure?.error.message).toContain('do not say which instrument they are of')
  const csv = 'trade_id,side,size,price,created_time\n1,buy,3,63000.1,1709251200000\n'
  const name = 'BTC-USD-240329-aggtrades-2024-03-01'
  const zip = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(csv) }])
  await source.put(`aggtrades/daily/20240301/${name}.zip`, zip)
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
