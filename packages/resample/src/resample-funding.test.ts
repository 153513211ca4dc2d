import {
  constantWord,
  floatValues,
  integerValues,
  type LakeTable,
  makeTable,
  microsOf,
  parseInstant,
  tableSchema,
  timesOf,
  wordValues,
} from '@lake/core'
import { describe, expect, test } from 'vitest'
import { resampleFunding } from './resample-funding.ts'

const HOUR = 3_600_000_000
const start = parseInstant('2024-02-28')

describe('resampleFunding', () => {
  test('adds the rates of a day as decimals and counts the events', () => {
    const table = funding([0, 8, 16, 24, 32], [0.0001, -0.00003449, 0.0000001, 0.1, 0.2])
    const days = resampleFunding(table, { to: '1d', until: start + 48 * HOUR })
    expect(days.schema.names).toEqual(tableSchema('funding').names)
    expect([...floatValues(days, 'funding_rate_sum')]).toEqual([0.00006561, 0.3])
    expect([...integerValues(days, 'funding_count')]).toEqual([3n, 2n])
    expect([...microsOf(integerValues(days, 'ts_event'))]).toEqual([start, start + 24 * HOUR])
    expect([...microsOf(integerValues(days, 'ts_available'))]).toEqual([start + 24 * HOUR, start + 48 * HOUR])
    expect([...microsOf(integerValues(days, 'close_time'))]).toEqual([start + 24 * HOUR - 1, start + 48 * HOUR - 1])
    expect(wordValues(days, 'source')).toEqual(constantWord('archive', 2))
  })

  test('puts an event that is stamped milliseconds early into the interval that it belongs to', () => {
    const table = funding([0, 24 - 1e-6, 48 + 1e-6], [1, 2, 4])
    expect([...floatValues(resampleFunding(table, { to: '1d' }), 'funding_rate_sum')]).toEqual([1, 2])
  })

  test.each([
    ['is known', 8n, 2],
    ['is not known', null, 1],
  ])('takes the last day for finished by the next event where its interval %s', (_, hours, days) => {
    const table = funding([0, 8, 16, 24, 32, 40], [1, 1, 1, 1, 1, 1], hours)
    expect(resampleFunding(table, { to: '1d' }).numRows).toBe(days)
  })

  test('leaves unfinished intervals out', () => {
    const table = funding([0, 8, 16, 24, 32], [1, 1, 1, 1, 1])
    expect(resampleFunding(table, { to: '1d' }).numRows).toBe(1)
    expect(resampleFunding(table, { to: '1mo' }).numRows).toBe(0)
    expect(resampleFunding(table, { to: '1mo', until: parseInstant('2024-03-01') }).numRows).toBe(1)
    expect(resampleFunding(funding([], []), { to: '1d' }).numRows).toBe(0)
  })

  test.each([
    ['out of order', [8, 0]],
    ['within the same minute', [8, 8 + 1e-6]],
  ])('refuses events %s', (_, hours) => {
    expect(() => resampleFunding(funding(hours, [1, 1]), { to: '1d' })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
  })
})

function funding(
  hours: readonly number[],
  rates: readonly number[],
  interval: bigint | null = 8n,
): LakeTable<'fundingRate'> {
  const rows = hours.length
  const times = (): BigInt64Array => timesOf(Float64Array.from(hours, (hour) => Math.round(start + hour * HOUR)))
  return makeTable(tableSchema('fundingRate'), {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows),
    funding_rate: Float64Array.from(rates),
    funding_interval_hours: {
      values: new BigInt64Array(rows).fill(interval ?? 0n),
      nulls: new Uint8Array(rows).fill(interval === null ? 1 : 0),
    },
    mark_price: new Float64Array(rows).fill(Number.NaN),
  })
}
