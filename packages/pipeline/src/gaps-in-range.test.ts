import { type Gap, parseInstant, parseTimeRange, timesOf } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import { findGaps } from '@lake/quality'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gapsInRange } from './gaps-in-range.ts'

const DAY = 86_400_000_000
const start = parseInstant('2024-01-01')

/** What the ledger would know of partitions that hold some of the hours of some days. */
function partition(day: number, hours: readonly number[]): ManifestFile {
  const span = { from: start + day * DAY, to: start + (day + 1) * DAY }
  const times = timesOf(Float64Array.from(hours, (hour) => span.from + hour * 3_600_000_000))
  const gaps = findGaps(times, { interval: '1h', range: span })
  return {
    label: '',
    key: '',
    etag: '',
    sha256: '',
    bytes: 0,
    rows: hours.length,
    first: 0,
    last: 0,
    span,
    inputs: [],
    revision: 1,
    options: {},
    fingerprint: '',
    gaps,
    counts: {},
  }
}

describe('gapsInRange', () => {
  test('tells from manifests alone what a look at every row tells', () => {
    const hours = fc
      .uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 24 })
      .map((list) => list.sort((a, b) => a - b))
    const days = fc.dictionary(fc.integer({ min: 0, max: 9 }).map(String), hours)
    const instant = fc.integer({ min: -48 * 60, max: 12 * 24 * 60 }).map((minutes) => start + minutes * 60_000_000)
    fc.assert(
      fc.property(days, instant, instant, (held, a, b) => {
        fc.pre(a !== b)
        const range = { from: Math.min(a, b), to: Math.max(a, b) }
        const order = Object.keys(held)
          .map(Number)
          .sort((x, y) => x - y)
        const files = order.map((day) => partition(day, held[day] ?? []))
        const times = order.flatMap((day) => (held[day] ?? []).map((hour) => start + day * DAY + hour * 3_600_000_000))
        const expected = findGaps(timesOf(Float64Array.from(times)), { interval: '1h', range })
        expect(gapsInRange('1h', files, range)).toEqual(expected)
      }),
    )
  })

  test('counts calendar months', () => {
    const gaps = gapsInRange('1mo', [], parseTimeRange('2024-01-15', '2024-05-01'))
    const expected: Gap = { ...parseTimeRange('2024-02-01', '2024-05-01'), expected: 3 }
    expect(gaps).toEqual([expected])
  })
})
