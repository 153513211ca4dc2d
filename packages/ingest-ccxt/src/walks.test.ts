import { type DatasetId, type PageAsk, type PageWalk, parseDatasetId, type RestSeries } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { newTally } from './fetch-report.ts'
import type { PageAnswer, WalkOptions } from './page-walk.ts'
import { walkByCursor } from './walk-by-cursor.ts'
import { walkById } from './walk-by-id.ts'
import { walkByTime } from './walk-by-time.ts'
import { walkLatest } from './walk-latest.ts'

const trades = parseDatasetId('sim/spot/trades/X')
const bars = parseDatasetId('sim/spot/klines/X/1m')
const MINUTE = 60_000_000

/** A walk whose answers are made by hand: the times of rows, which are their numbers too. */
function walkOver(
  walk: PageWalk,
  answers: (ask: PageAsk, turn: number) => readonly number[],
  { dataset = trades, limit = 10, to = 100 * MINUTE }: { dataset?: DatasetId; limit?: number; to?: number } = {},
) {
  const asked: PageAsk[] = []
  const tally = newTally()
  const series: RestSeries = {
    id: 'sim-rows',
    dataType: dataset.dataType,
    markets: ['spot'],
    endpoint: { kind: 'http', url: 'http://127.0.0.1' },
    walk,
    pageLimit: limit,
    budget: 'sim',
    parameters: () => ({}),
    format: { id: 'sim', dataType: dataset.dataType, markets: ['spot'], rows: [], shape: 'array', columns: [] },
    nextCursor: (body) => (typeof body === 'string' ? body : undefined),
    evidence: 'made here',
  }
  const options: WalkOptions<PageAnswer> = {
    ...{ series, dataset, limit, tally, window: { from: 0, to } },
    pause: () => Promise.resolve(),
    ask: (ask) => {
      asked.push(ask)
      const times = answers(ask, asked.length)
      const rows = {
        count: times.length,
        times: Float64Array.from(times),
        idOf: (row: number) => BigInt(times[row] ?? 0),
      }
      // A cursor leads to itself for ever.
      return Promise.resolve({ rows, json: 'again', sha256: times.join(), finalTo: Infinity })
    },
  }
  return { options, asked, tally }
}

async function drain<T>(walk: AsyncGenerator<T, unknown>): Promise<T[]> {
  const pages: T[] = []
  for await (const page of walk) pages.push(page)
  return pages
}

describe('a walk ends with an error, and asks no further,', () => {
  test('when the venue gives full pages of other rows for ever', async () => {
    const { options, asked, tally } = walkOver('forward', (_, turn) => (turn === 1 ? [5, 6, 7] : [1, 2, 3]), {
      limit: 3,
    })
    await expect(drain(walkByTime(options))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { series: 'sim-rows' },
    })
    expect(asked.length).toBeLessThan(6)
    expect(tally.repeated).toBeGreaterThan(2)
  })

  test('when more rows share an instant than a page holds', async () => {
    const { options } = walkOver('forward', () => [5, 5, 5], { limit: 3 })
    await expect(drain(walkByTime(options))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { limit: 3, from: 5 },
    })
  })

  test('when rows of before come for ever instead of those after a number', async () => {
    const { options, asked } = walkOver('id', (ask) => (ask.fromId === undefined ? [5, 6] : [5]))
    await expect(drain(walkById(options))).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { fromId: '7' } })
    expect(asked.length).toBeLessThan(20)
  })

  test('when a cursor leads to itself', async () => {
    const { options, asked } = walkOver('cursor', () => [5])
    await expect(drain(walkByCursor(options))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { cursor: 'again' },
    })
    expect(asked.length).toBeLessThan(7)
  })
})

test('a venue that always gives the row before as well is believed, and left in time', async () => {
  const { options, asked } = walkOver(
    'forward',
    ({ from, to }) => [0, 7 * MINUTE].filter((time) => time < to && time >= from - 8 * MINUTE),
    { dataset: bars },
  )
  const pages = await drain(walkByTime(options))
  expect(pages.length).toBeGreaterThan(0)
  expect(asked.length).toBeLessThan(120)
})

test('the newest page settles the time from its first row on, and nothing when it is empty', async () => {
  const some = walkOver('latest', () => [9, 7, 8])
  expect((await drain(walkLatest(some.options))).map(({ range }) => range)).toEqual([{ from: 7, to: 100 * MINUTE }])
  expect(some.tally.late).toBe(1)
  const none = walkOver('latest', () => [])
  expect(await drain(walkLatest(none.options))).toEqual([])
  expect(none.tally.empty).toBe(1)
})

test('trades that nobody made are asked for a few times only', async () => {
  const { options, asked } = walkOver('id', () => [])
  expect(await drain(walkById(options))).toEqual([])
  expect(asked.length).toBeLessThan(6)
})
