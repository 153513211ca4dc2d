import { formatInstant, type ObjectStore, parseDatasetId } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, expect, test } from 'vitest'
import { defineLake, type Lake, listGaps, measureQuality, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'

/* Rows that are no bars and come at a pace all the same: where they stop, from archive files to `listGaps`. */

const DAY = '2026-07-15'
const MIDNIGHT = Date.parse(DAY)
const DAY_SECONDS = 86_400

let archive: ObjectStore
let lake: Lake

beforeEach(() => {
  archive = memoryStore()
  lake = defineLake({ lake: memoryStore() })
})

/** A file of a day: rows every so many seconds, without those that begin in the hole. */
async function publishDay(
  dataset: string,
  header: string,
  step: number,
  hole: readonly [from: number, to: number],
  rowOf: (time: number, text: string) => string,
): Promise<void> {
  const { dataType, symbol, market } = parseDatasetId(dataset)
  const lines = [header]
  for (let second = 0; second < DAY_SECONDS; second += step) {
    if (second >= hole[0] && second < hole[1]) continue
    const time = MIDNIGHT + second * 1000
    lines.push(rowOf(time, new Date(time).toISOString().slice(0, 19).replace('T', ' ')))
  }
  const name = `${symbol}-${dataType === 'bvolIndex' ? 'BVOLIndex' : dataType}-${DAY}`
  const folder = market === 'option' ? 'option/daily/BVOLIndex' : `futures/${market}/daily/${dataType}`
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }])
  await publish(archive, `data/${folder}/${symbol}/${name}.zip`, bytes)
}

async function gapsOf(dataset: string): Promise<string[]> {
  const { failures } = await runPipeline(lake, { source: archive, datasets: [dataset], gold: [] })
  expect(failures).toEqual([])
  for await (const { gaps } of listGaps(lake)) {
    return (gaps ?? []).map(({ from, to, expected }) => `${formatInstant(from)} ${formatInstant(to)} ${expected}`)
  }
  return []
}

test('metrics that are missing are found on their five minutes', async () => {
  const dataset = 'binance/um/metrics/BTCUSDT'
  const header =
    'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio'
  await publishDay(dataset, header, 300, [36_000, 37_200], (_, at) => `${at},BTCUSDT,105550.9,6858675634.7,1.2,1.1,1,1`)
  expect(await gapsOf(dataset)).toEqual(['2026-07-15T10:00:00Z 2026-07-15T10:20:00Z 4'])
  for await (const { days } of measureQuality(lake)) {
    expect(days).toMatchObject([{ day: DAY, rows: 284, expected: 288, gaps: 1 }])
  }
})

test('snapshots of books that stop are found by their pace', async () => {
  const dataset = 'binance/um/bookDepth/BTCUSDT'
  await publishDay(dataset, 'timestamp,percentage,depth,notional', 30, [43_200, 46_800], (_, at) =>
    [-1, 1].map((percentage) => `${at},${percentage}.00,8993.2,681319717.8`).join('\n'),
  )
  expect(await gapsOf(dataset)).toEqual(['2026-07-15T12:00:00Z 2026-07-15T13:00:00Z 120'])
})

test('an index of volatility that stops is found by its pace', async () => {
  const dataset = 'binance/option/bvolIndex/BTCBVOLUSDT'
  const header = 'calc_time,symbol,base_asset,quote_asset,index_value'
  await publishDay(dataset, header, 1, [3600, 3900], (time) => `${time},BTCBVOLUSDT,BTCBVOL,USDT,48.3971`)
  expect(await gapsOf(dataset)).toEqual(['2026-07-15T01:00:00Z 2026-07-15T01:05:00Z 300'])
})

test('what comes at its pace throughout has no gaps', async () => {
  const dataset = 'binance/um/bookDepth/BTCUSDT'
  await publishDay(dataset, 'timestamp,percentage,depth,notional', 30, [0, 0], (_, at) => `${at},-1.00,8993.2,681319.8`)
  expect(await gapsOf(dataset)).toEqual([])
})
