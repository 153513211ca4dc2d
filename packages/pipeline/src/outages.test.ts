import { readFileSync } from 'node:fs'
import { type ObjectStore, parseInstant, parseTimeRange, type Period, periodsIn, type TimeRange } from '@lake/core'
import { binance } from '@lake/exchanges'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readLearnedOutages } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { beforeAll, describe, expect, test } from 'vitest'
import { defineLake, type Lake, type LearnedOutage, listGaps, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'

/*
 * The outages that the exchange really had, cut into a lake of several symbols, from archive files to `listGaps`. The
 * adapter's own list of outages is taken away: what is found is found in the data.
 */

const HOUR = 3_600_000_000
const RANGE = parseTimeRange('2017-09-01', '2023-05-01')
const HOLE = parseTimeRange('2019-06-01T03:00:00Z', '2019-06-01T07:00:00Z')
const ALONE = 'binance/um/klines/SOLUSDT/1h'
const BITCOIN = 'binance/spot/klines/BTCUSDT/1h'

const outages = readFileSync(
  new URL('../../quality/fixtures/binance-BTCUSDT-1h-gaps-2017-2024.tsv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .slice(1)
  .map((line): TimeRange => {
    const [before = 0, after = 0] = line.split('\t').map((cell) => parseInstant(`${cell.replace(' ', 'T')}Z`))
    return { from: before + HOUR, to: after }
  })

/** A month of bars, without those that open in a hole. */
function monthOf({ from, to }: Period, holes: readonly TimeRange[], length: number): string {
  const lines: string[] = []
  for (let at = from; at < to; at += length) {
    if (holes.some((hole) => at >= hole.from && at < hole.to)) continue
    const open = at / 1000
    lines.push(`${open},1.0,2.0,0.5,1.5,10.0,${open + length / 1000 - 1},15.0,5,4.0,6.0,0`)
  }
  return lines.join('\n')
}

async function publishMonths(
  archive: ObjectStore,
  folder: string,
  symbol: string,
  holes: readonly TimeRange[],
  interval: '1h' | '30m' = '1h',
): Promise<void> {
  for (const month of periodsIn('month', RANGE)) {
    const name = `${symbol}-${interval}-${month.label}`
    const bytes = await writeZip([
      { name: `${name}.csv`, bytes: Buffer.from(monthOf(month, holes, interval === '1h' ? HOUR : HOUR / 2)) },
    ])
    await publish(archive, `data/${folder}/monthly/klines/${symbol}/${interval}/${name}.zip`, bytes)
  }
}

let archive: ObjectStore
let lake: Lake
let learned: readonly LearnedOutage[]

beforeAll(async () => {
  archive = memoryStore()
  await publishMonths(archive, 'spot', 'BTCUSDT', [...outages, HOLE])
  await publishMonths(archive, 'spot', 'ETHUSDT', outages)
  await publishMonths(archive, 'spot', 'LTCUSDT', outages)
  await publishMonths(archive, 'futures/um', 'SOLUSDT', outages)
  const forgetful = { ...binance, outages: [] }
  lake = defineLake({ lake: memoryStore(), exchanges: [forgetful], now: () => parseInstant('2026-01-01') })
  const datasets = ['BTCUSDT', 'ETHUSDT', 'LTCUSDT'].map((symbol) => `binance/spot/klines/${symbol}/1h`)
  const { failures, outages: found } = await runPipeline(lake, {
    ...{ source: archive, datasets: [...datasets, ALONE], gold: [] },
  })
  learned = found
  expect(failures).toEqual([])
}, 120_000)

async function gapsOf(dataset: string) {
  for await (const { gaps = [] } of listGaps(lake, { datasets: [dataset] })) return gaps
  return []
}

describe('the 28 outages of 2017 to 2023, with no list of them', () => {
  test('are found exactly, and told to be halts by the silence of all symbols', async () => {
    expect(outages).toHaveLength(28)
    const gaps = await gapsOf(BITCOIN)
    const halts = gaps.filter(({ cause }) => cause === 'exchange-halt')
    expect(halts.map(({ from, to }) => ({ from, to }))).toEqual(outages)
    expect(halts.every(({ fillableBy }) => fillableBy.length === 0)).toBe(true)
    const others = gaps.filter(({ cause }) => cause !== 'exchange-halt')
    expect(others).toMatchObject([{ ...HOLE, cause: 'missing-at-source', expected: 4 }])
  })

  test('are unknown where one symbol is all there is', async () => {
    const gaps = await gapsOf(ALONE)
    expect(gaps.map(({ from, to }) => ({ from, to }))).toEqual(outages)
    expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(['unknown']))
  })
})

describe('what was found', () => {
  const SOLANA = 'binance/spot/klines/SOLUSDT/30m'

  test('is kept with its evidence, once, and is told by the run that found it', async () => {
    expect(learned.map(({ range }) => range)).toEqual(outages)
    const kept = await readLearnedOutages(lake.store, 'binance')
    expect(learned).toEqual(kept.map((outage) => ({ exchange: 'binance', ...outage })))
    expect(kept[0]).toMatchObject({ markets: ['spot'], evidence: '3 symbols silent together' })
    const again = await runPipeline(lake, { source: archive, datasets: [BITCOIN], gold: [] })
    expect(again.outages).toEqual([])
  })

  test('explains the gaps of a symbol that stands alone, in the market that was silent', async () => {
    await publishMonths(archive, 'spot', 'SOLUSDT', [...outages, HOLE], '30m')
    await runPipeline(lake, { source: archive, datasets: [SOLANA], gold: [] })
    const gaps = await gapsOf(SOLANA)
    const halts = gaps.filter(({ cause }) => cause === 'exchange-halt')
    expect(halts.map(({ from, to }) => ({ from, to }))).toEqual(outages)
    expect(halts[0]?.because).toBe('The outage is known: 3 symbols silent together.')
    expect(gaps.filter(({ cause }) => cause !== 'exchange-halt')).toMatchObject([{ ...HOLE, cause: 'unknown' }])
  })

  test('is not believed any more where another symbol has rows', async () => {
    await publishMonths(archive, 'spot', 'XRPUSDT', outages.slice(1), '30m')
    await runPipeline(lake, { source: archive, datasets: ['binance/spot/klines/XRPUSDT/30m'], gold: [] })
    const [first, second] = await gapsOf(SOLANA)
    expect(first).toMatchObject({ ...outages[0], cause: 'missing-at-source' })
    expect(second).toMatchObject({ ...outages[1], cause: 'exchange-halt' })
  })
})
