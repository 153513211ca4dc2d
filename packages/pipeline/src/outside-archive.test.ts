import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  formatInstant,
  integerValues,
  type LakeTable,
  type ObjectStore,
  parseDatasetId,
  parseInstant,
  parsePeriod,
  readObject,
} from '@lake/core'
import { bybit } from '@lake/exchanges'
import { writePage } from '@lake/ingest-ccxt'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { defineLake, type Lake, runPipeline } from './index.ts'

/*
 * Bybit's archive numbers the spot trades of each file from 1, its REST interface and its streams by execution. The
 * trade of 00:00:00.074 is a real row of the archive, and stands in the page as REST would say it.
 */

const DATASET = parseDatasetId('bybit/spot/trades/BTCUSDT')
const IN_ARCHIVE =
  '{"execId":"2290000000700000001","symbol":"BTCUSDT","price":"106453.8","size":"0.003718","side":"Sell","time":"1747526400074","isBlockTrade":false}'
const DAY_AFTER =
  '{"execId":"2290000000700000002","symbol":"BTCUSDT","price":"106454","size":"0.001","side":"Buy","time":"1747612800001","isBlockTrade":false}'

async function putPage(lake: Lake): Promise<void> {
  const body = Buffer.from(`{"retCode":0,"result":{"category":"spot","list":[${DAY_AFTER},${IN_ARCHIVE}]}}`)
  const at = parseInstant('2025-05-19T00:01:00Z')
  const envelope = {
    ...{
      dataset: DATASET,
      series: 'bybit-trades',
      request: { method: 'bybit.publicGetV5MarketRecentTrade', parameters: {} },
    },
    range: { from: parseInstant('2025-05-18T00:00:00Z'), to: at },
    ...{ requestedAt: at, receivedAt: at, asOf: at, status: 200, headers: {} },
    sha256: createHash('sha256').update(body).digest('hex'),
  }
  await writePage(lake.store, { envelope, body })
}

async function tradesOf(lake: Lake): Promise<string[]> {
  const rows: string[] = []
  for await (const { key } of lake.store.list({ prefix: 'silver/trades/' })) {
    const table = (await readParquet(await readObject(lake.store, key))) as unknown as LakeTable<'trades'>
    const ids = integerValues(table, 'trade_id')
    for (const [row, time] of integerValues(table, 'ts_event').entries()) {
      rows.push(`${formatInstant(Number(time))} ${String(ids[row])} ${String(table.getChild('source')?.get(row))}`)
    }
  }
  return rows.sort()
}

/** With the file of the day before, and that of the day where wanted. */
async function archiveWith(...days: readonly string[]): Promise<ObjectStore> {
  const source = memoryStore()
  for (const day of days) {
    const key = bybit.archive?.key(DATASET, parsePeriod(day)) ?? expect.fail('bybit has an archive')
    const time = day === '2025-05-18' ? 1747526400074 : 1747440000000
    await source.put(key, gzipSync(`id,timestamp,price,volume,side,rpi\n1,${time},106453.8,0.003718,sell,0\n`))
  }
  return source
}

test.each(['before', 'after'])(
  'a trade that the archive has too is there once when its page came %s',
  async (order) => {
    const lake = defineLake({ lake: memoryStore() })
    const run = async (source: ObjectStore) => {
      expect((await runPipeline(lake, { source, datasets: ['bybit/spot/trades/BTCUSDT'] })).failures).toEqual([])
      return tradesOf(lake)
    }
    const before = '2025-05-17T00:00:00Z 1 archive'
    const after = '2025-05-19T00:00:00.001Z 2290000000700000002 rest'
    const whole = await archiveWith('2025-05-17', '2025-05-18')
    if (order === 'after') await run(whole)
    await putPage(lake)
    if (order === 'before') {
      const own = '2025-05-18T00:00:00.074Z 2290000000700000001 rest'
      expect(await run(await archiveWith('2025-05-17'))).toEqual([before, own, after])
    }
    expect(await run(whole)).toEqual([before, '2025-05-18T00:00:00.074Z 1 archive', after])
  },
)

test('a day that the file of its month has too is there once, and the month gives what is left', async () => {
  const lake = defineLake({ lake: memoryStore() })
  const month = bybit.archive?.key(DATASET, parsePeriod('2025-05')) ?? expect.fail('bybit has an archive')
  const days = await archiveWith('2025-05-17', '2025-05-18')
  const both = await archiveWith('2025-05-17', '2025-05-18')
  await both.put(
    month,
    gzipSync(`id,timestamp,price,volume,side,rpi
1,1747440000000,106453.8,0.003718,sell,0
2,1747526400074,106453.8,0.003718,sell,0
3,1747612800000,106453.8,0.003718,sell,0
`),
  )
  const taken: string[][] = []
  for (const source of [days, both]) {
    expect((await runPipeline(lake, { source, datasets: ['bybit/spot/trades/BTCUSDT'] })).failures).toEqual([])
    taken.push(await tradesOf(lake))
  }
  const ofDays = ['2025-05-17T00:00:00Z 1 archive', '2025-05-18T00:00:00.074Z 1 archive']
  expect(taken).toEqual([ofDays, [...ofDays, '2025-05-19T00:00:00Z 3 archive']])
})
