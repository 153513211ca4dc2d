import { DAY_MICROS, parseDatasetId, parsePeriod } from '@lake/core'
import { describe, expect, test } from 'vitest'
import type { ArchiveChange } from './archive-change.ts'
import { reportOverdue } from './report-overdue.ts'

const BTC = parseDatasetId('binance/um/klines/BTCUSDT/1m')
const ETH = parseDatasetId('binance/um/klines/ETHUSDT/1m')

describe('reportOverdue', () => {
  test('a daily file is overdue three days after its day, and not a moment before', () => {
    const files = files_(BTC, '2024-03-01', '2024-02-29')
    const due = parsePeriod('2024-03-02').to + 3 * DAY_MICROS
    expect(reportOverdue({ files, now: due - 1 }).overdue).toEqual([])
    expect(reportOverdue({ files, now: due }).overdue).toEqual([
      { dataset: BTC, period: 'daily', newest: '2024-03-01', missing: ['2024-03-02'], daysLate: 0 },
    ])
    expect(reportOverdue({ files, now: due + 2 * DAY_MICROS }).overdue).toEqual([
      {
        dataset: BTC,
        period: 'daily',
        newest: '2024-03-01',
        missing: ['2024-03-02', '2024-03-03', '2024-03-04'],
        daysLate: 2,
      },
    ])
  })

  test('a monthly file is overdue 35 days after its month', () => {
    const files = files_(BTC, '2024-01')
    const due = parsePeriod('2024-02').to + 35 * DAY_MICROS
    expect(reportOverdue({ files, now: due - 1 }).overdue).toEqual([])
    expect(reportOverdue({ files, now: due }).overdue).toMatchObject([
      { period: 'monthly', newest: '2024-01', missing: ['2024-02'] },
    ])
  })

  test('each dataset and kind for itself; what ended long ago is expected no more', () => {
    const now = parsePeriod('2024-04-20').from
    const files = [...files_(BTC, '2024-04-19', '2024-03'), ...files_(ETH, '2024-04-01', '2022-05')]
    const { overdue, ended } = reportOverdue({ files, now })
    expect(overdue.map(({ dataset, missing }) => [dataset.symbol, missing.length])).toEqual([['ETHUSDT', 15]])
    expect(ended).toEqual([{ dataset: ETH, period: 'monthly', newest: '2022-05' }])
  })

  test('days that are cut elsewhere than at midnight are due by their own end', () => {
    const shift = 8 * 3_600_000_000
    const day = parsePeriod('2024-03-01')
    const files = [{ dataset: BTC, period: { ...day, from: day.from - shift, to: day.to - shift } }]
    const due = parsePeriod('2024-03-02').to - shift + 3 * DAY_MICROS
    expect(reportOverdue({ files, now: due - 1 }).overdue).toEqual([])
    expect(reportOverdue({ files, now: due }).overdue).toMatchObject([{ missing: ['2024-03-02'] }])
  })

  test('tells what a scan found, also when it is read only once', () => {
    function* changes(): Generator<ArchiveChange> {
      yield change('new', 'a')
      yield change('vanished', 'b')
      yield change('changed', 'c')
    }
    expect(reportOverdue({ files: [], changes: changes(), now: 0 })).toEqual({
      available: ['a'],
      overdue: [],
      ended: [],
      vanished: ['b'],
    })
  })
})

function files_(dataset: typeof BTC, ...labels: readonly string[]) {
  return labels.map((label) => ({ dataset, period: parsePeriod(label) }))
}

function change(kind: ArchiveChange['kind'], key: string): ArchiveChange {
  const after = { key, label: '2024-01', size: 1, etag: '', firstSeen: 1, changedAt: 1 }
  return { kind, dataset: BTC, key, label: '2024-01', what: [], after }
}
