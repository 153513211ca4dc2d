import { integerValues, nullFlags, parseDatasetId } from '@lake/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePageTables } from '../index.ts'
import { makePage } from '../testing/make-page.ts'
import { fundingPages } from '../testing/page-formats.ts'

const HOUR = 3_600_000
const dataset = parseDatasetId('binance/um/fundingRate/BTCUSDT')
const series = [{ id: fundingPages.id, format: fundingPages }]

/** The hours of each row of some answers, in their order; null where nothing is proven. */
async function hoursOf(answers: readonly (readonly number[])[], range?: { from: number; to: number }) {
  const pages = answers.map((times) => {
    const rows = times.map((time) => `{"symbol":"BTCUSDT","fundingTime":${time},"fundingRate":"0.0001"}`)
    const page = makePage({
      dataset: 'binance/um/fundingRate/BTCUSDT',
      series: fundingPages.id,
      body: `[${rows.join()}]`,
    })
    return range === undefined ? page : { ...page, envelope: { ...page.envelope, range } }
  })
  const { tables } = await parsePageTables({ pages, dataset, series })
  return tables.flatMap(({ table }) => {
    const nulls = nullFlags(table, 'funding_interval_hours')
    return [...integerValues(table, 'funding_interval_hours')].map((hours, row) =>
      nulls?.[row] === 1 ? null : Number(hours),
    )
  })
}

const start = Date.UTC(2026, 3, 1)

test('as many hours before as after are the interval; what changes, is absent, or begins and ends proves nothing', async () => {
  const steps = [8, 8, 8, 4, 4, 4, 8, 1, 1]
  const times = steps.reduce((all, step) => [...all, (all.at(-1) ?? 0) + step * HOUR + 3], [start])
  expect(await hoursOf([times])).toEqual([null, 8, 8, null, 4, 4, null, null, 1, null])
  expect(await hoursOf([times.toReversed()])).toEqual([null, 1, null, null, 4, 4, null, 8, 8, null])
})

test('nothing follows from one answer to another, or from steps that are no hours', async () => {
  const day = [0, 8, 16].map((hours) => start + hours * HOUR)
  expect(await hoursOf([day, day.map((time) => time + 24 * HOUR)])).toEqual([null, 8, null, null, 8, null])
  expect(await hoursOf([[0, 1, 2, 3].map((step) => start + step * 90 * 60_000)])).toEqual([null, null, null, null])
  expect(await hoursOf([[start, start, start]])).toEqual([null, null, null])
})

test('rows that belong to another page prove too', async () => {
  const times = [0, 8, 16, 24].map((hours) => start + hours * HOUR)
  const range = { from: (start + 8 * HOUR) * 1000, to: (start + 17 * HOUR) * 1000 }
  expect(await hoursOf([times], range)).toEqual([8, 8])
})

test('a proven interval is the time from the row before to this one, and from this one to the next', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(1, 2, 4, 8, 8, 8), { maxLength: 400 }), async (steps) => {
      const times = steps.reduce((all, step) => [...all, (all.at(-1) ?? 0) + step * HOUR], [start])
      const expected = times.map((_, row) => {
        const [before, after] = [steps[row - 1], steps[row]]
        return before !== undefined && before === after ? before : null
      })
      expect(await hoursOf([times])).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})
