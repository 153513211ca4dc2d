import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange } from '@lake/core'
import { startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readFailedMonths } from '@lake/ledger'
import type { ExplainedGap } from '@lake/quality'
import { memoryStore } from '@lake/storage'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineLake, healLake, type Lake, listGaps, listSymbols, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'

/* What a lake knows of its own that explains gaps: the venue's list of instruments, its trades, and its own runs. */

const HOURS = 'binance/um/klines/BTCUSDT/1h'
const DAY = '2024-02-10'
const at = (time: string): number => parseInstant(`${DAY}T${time}Z`)

let folder: string
let archive: ObjectStore
let store: ObjectStore
let venue: Venue

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-gap-evidence-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  archive = memoryStore()
  store = memoryStore()
  venue = await startVenue({ now: () => parseInstant('2024-06-01') })
})

afterEach(async () => {
  await venue.close()
})

const lakeOn = (url = venue.url): Lake =>
  defineLake({
    lake: store,
    venues: { urls: { binance: url }, budgetFolder: folder },
    now: () => parseInstant('2024-06-01'),
  })

const run = async (datasets: readonly string[] = [HOURS]) =>
  runPipeline(lakeOn(), { source: archive, datasets, gold: [] })

async function gapsOf({ range = parseTimeRange('2024-01-01', '2024-04-01') } = {}): Promise<readonly ExplainedGap[]> {
  for await (const { gaps = [] } of listGaps(lakeOn(), { datasets: [HOURS], range })) return gaps
  return []
}

async function publishLines(folderOf: string, name: string, lines: readonly string[]): Promise<void> {
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }])
  await publish(archive, `data/futures/um/${folderOf}/${name}.zip`, bytes)
}

/** A month of hours, without those that open in a hole. */
async function publishHours(month: string, holes: readonly { readonly from: number; readonly to: number }[] = []) {
  const { from, to } = parseTimeRange(`${month}-01`, `2024-${String(Number(month.slice(5)) + 1).padStart(2, '0')}-01`)
  const lines: string[] = []
  for (let open = from; open < to; open += 3_600_000_000) {
    if (holes.some((hole) => open >= hole.from && open < hole.to)) continue
    lines.push(`${open / 1000},1.0,2.0,0.5,1.5,10.0,${open / 1000 + 3_599_999},15.0,5,4.0,6.0,0`)
  }
  await publishLines('monthly/klines/BTCUSDT/1h', `BTCUSDT-1h-${month}`, lines)
}

describe('the instruments of the venue', () => {
  /** Asks a venue that lists the symbol since a day. */
  async function ask(onboardDate: string): Promise<void> {
    const text = await readFile(
      new URL('../../../fixtures/rest/binance/fapi_v1_exchangeInfo.json', import.meta.url),
      'utf8',
    )
    const symbols = z.looseObject({ symbols: z.array(z.looseObject({ symbol: z.string() })) })
    const [recorded] = z.array(z.looseObject({ data: symbols })).parse(JSON.parse(text))
    const [template] = recorded?.data.symbols ?? []
    const listed = [{ ...template, symbol: 'BTCUSDT', onboardDate: parseInstant(onboardDate) / 1000 }]
    await using asked = await startVenue({
      answers: { '/fapi/v1/exchangeInfo': { ...recorded?.data, symbols: listed } },
    })
    await listSymbols(lakeOn(asked.url), { exchange: 'binance', market: 'um' })
  }

  test('say that it was not listed yet, and nobody is asked for what never was', async () => {
    await publishHours('2024-02')
    await run()
    const [unknown] = await gapsOf()
    expect(unknown).toMatchObject({ cause: 'unknown', fillableBy: ['archive', 'rest'] })
    await ask('2024-01-20')
    const gaps = await gapsOf()
    expect(gaps.map(({ cause, expected }) => [cause, expected])).toEqual([
      ['before-listing', 19 * 24],
      ['unknown', 12 * 24],
      ['unknown', 31 * 24],
    ])
    expect(gaps[0]).toMatchObject({
      because: 'The instrument was first listed at 2024-01-20T00:00:00Z.',
      fillableBy: [],
    })
    const range = parseTimeRange('2024-01-01', '2024-01-20')
    expect((await healLake(lakeOn(), { datasets: [HOURS], range })).datasets).toMatchObject([
      { requests: 0, gapsLeft: 1 },
    ])
    expect(venue.requests).toEqual([])
  })
})

describe('own runs', () => {
  test('that failed on a month are named, nobody else is asked for it, and trying again settles it', async () => {
    await publishHours('2024-01')
    await publishHours('2024-03')
    const name = 'data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-02.zip'
    await publish(archive, name, Buffer.from('no zip'))
    const report = await runPipeline(lakeOn(), { source: archive, datasets: [HOURS], gold: [], heal: true })
    expect(report).toMatchObject({ datasets: [{ gaps: 1, gapsFilled: 0 }], failures: [{ month: '2024-02' }] })
    expect(await gapsOf()).toMatchObject([
      {
        ...{ cause: 'failed-here', expected: 29 * 24, fillableBy: ['archive'] },
        because: expect.stringMatching(
          /^An own run failed on it at 2024-06-01T00:00:00Z: BAD_ARCHIVE: .*2024-02/,
        ) as unknown,
      },
    ])
    expect(venue.requests).toEqual([])
    await publishHours('2024-02')
    expect((await run()).failures).toEqual([])
    expect(await gapsOf()).toEqual([])
    expect(await readFailedMonths(store, parseDatasetId(HOURS))).toEqual([])
  })

  test('that computed a month and must not publish it are named too', async () => {
    await publishHours('2024-01')
    await publishHours('2024-03')
    const impossible = `${parseInstant('2024-02-01') / 1000},1.0,0.4,0.5,1.5,10.0,1706749199999,15.0,5,4.0,6.0,0`
    await publishLines('monthly/klines/BTCUSDT/1h', 'BTCUSDT-1h-2024-02', [impossible])
    await run()
    expect(await gapsOf()).toMatchObject([
      {
        cause: 'failed-here',
        because: expect.stringContaining('not published: 1 row fails the check ohlc') as unknown,
      },
    ])
  })

  test('say nothing of what an older state of the month has', async () => {
    const hole = { from: at('03:00:00'), to: at('05:00:00') }
    await publishHours('2024-02', [hole])
    await run()
    await publish(archive, 'data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-02.zip', Buffer.from('no zip'))
    expect((await run()).failures).toMatchObject([{ month: '2024-02' }])
    expect(await gapsOf({ range: parseTimeRange('2024-02-01', '2024-03-01') })).toMatchObject([
      { ...hole, cause: 'unknown' },
    ])
  })
})

describe('trades of the day', () => {
  const hole = (from: string, to: string) => ({ from: at(from), to: at(to) })
  const [TRADED, MISSING, QUIET] = [
    hole('03:00:00', '04:00:00'),
    hole('10:00:00', '12:00:00'),
    hole('20:00:00', '21:00:00'),
  ]

  /** A trade a minute: there are some in the first hole, ids are missing across the second, and none across the third. */
  async function publishTrades(): Promise<void> {
    const lines: string[] = []
    let id = 1000
    for (let time = at('00:00:30'); time < at('00:00:30') + 86_400_000_000; time += 60_000_000) {
      if (time >= QUIET.from && time < QUIET.to) continue
      id++
      if (time >= MISSING.from && time < MISSING.to) continue
      lines.push(`${id},1.5,2,${id},${id},${time / 1000},true`)
    }
    await publishLines('daily/aggTrades/BTCUSDT', `BTCUSDT-aggTrades-${DAY}`, lines)
  }

  test('tell where something happened, where rows are missing, and where nothing was traded', async () => {
    await publishHours('2024-02', [TRADED, MISSING, QUIET])
    await publishTrades()
    await run([HOURS, 'binance/um/aggTrades/BTCUSDT'])
    const range = parseTimeRange('2024-02-01', '2024-03-01')
    expect(await gapsOf({ range })).toMatchObject([
      { ...TRADED, cause: 'missing-at-source', because: 'There are trades in it.', fillableBy: ['trades', 'rest'] },
      { ...MISSING, cause: 'missing-at-source', because: 'Trade ids are missing across it, so there were trades.' },
      { ...QUIET, cause: 'unknown', because: expect.stringContaining('nothing was traded') as unknown, fillableBy: [] },
    ])
    const { datasets } = await healLake(lakeOn(), { datasets: [HOURS], range })
    expect(datasets[0]?.left.map(({ why }) => why)).toEqual([
      'the venue does not have these rows (missing-at-source)',
      'the venue does not have these rows (missing-at-source)',
      expect.stringContaining('nothing was traded'),
    ])
    const asked = venue.requests.map(({ query }) => Number(query['startTime']))
    expect(asked.some((time) => time * 1000 >= QUIET.from)).toBe(false)
  })
})
