import { readFileSync } from 'node:fs'
import {
  DAY_MICROS,
  type Gap,
  intervalMicros,
  intervalStart,
  type KnownOutage,
  parseInstant,
  parseTimeRange,
  type TimeRange,
  timesOf,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ExplainedGap, explainGaps } from './explain-gaps.ts'
import { findGaps } from './find-gaps.ts'
import { GAP_CAUSES, type GapEvidence, type SeriesEvidence } from './gap-evidence.ts'
import { learnOutages } from './learn-outages.ts'

const HOUR = intervalMicros('1h')
const now = parseInstant('2026-01-01')
const january = parseTimeRange('2024-01-01', '2024-02-01')
const gap = hours(10, 14)

describe('explainGaps of real outages', () => {
  const range = parseTimeRange('2017-08-17', '2024-01-01')
  const outages = readOutages()
  /** Bars of a symbol from its listing on: none in an outage, and none in its own holes. */
  const barsOf = (listed: string, ...holes: TimeRange[]): BigInt64Array => {
    const opens: number[] = []
    for (let at = parseInstant(listed); at < range.to; at += HOUR) {
      if (![...outages, ...holes].some(({ from, to }) => at >= from && at < to)) opens.push(at)
    }
    return timesOf(Float64Array.from(opens))
  }
  const gapsOf = (bars: BigInt64Array): Gap[] => findGaps(bars, { interval: '1h', range })
  const hole = parseTimeRange('2019-06-01T03:00:00Z', '2019-06-01T07:00:00Z')
  const bitcoin = gapsOf(barsOf('2017-08-17', hole))
  const others: SeriesEvidence[] = [
    { name: 'ETHUSDT', bars: barsOf('2017-08-17', parseTimeRange('2019-01-01', '2019-01-02')), listed: '2017-08-17' },
    { name: 'LTCUSDT', bars: barsOf('2017-12-13'), listed: '2017-12-13' },
    { name: 'XRPUSDT', bars: barsOf('2018-05-04'), listed: '2018-05-04' },
  ].map(({ name, bars, listed }) => ({
    name,
    covered: [{ from: parseInstant(listed), to: range.to }],
    gaps: gapsOf(bars),
  }))

  test('finds the 28 halts of a venue from the silence of its symbols, exactly', () => {
    const explained = explainGaps(bitcoin, { evidence: { others }, now })
    const halts = explained.filter(({ cause }) => cause === 'exchange-halt')
    expect(outages).toHaveLength(28)
    expect(halts.map(({ from, to }) => ({ from, to }))).toEqual(outages)
    expect(halts.every(({ fillableBy }) => fillableBy.length === 0)).toBe(true)
    expect(halts[0]).toMatchObject({
      because: 'The other symbol of the venue at hand had no rows either.',
      evidence: [{ kind: 'silence', names: ['ETHUSDT'], count: 1 }],
    })
    expect(halts.at(-1)).toMatchObject({ evidence: [{ names: ['ETHUSDT', 'LTCUSDT', 'XRPUSDT'], count: 3 }] })
    expect(explained.filter(({ cause }) => cause !== 'exchange-halt')).toMatchObject([{ ...hole, cause: 'unknown' }])
  })

  test('says that it does not know when there is one symbol only', () => {
    const explained = explainGaps(bitcoin, { evidence: {}, now })
    expect(explained).toHaveLength(29)
    expect(new Set(explained.map(({ cause }) => cause))).toEqual(new Set(['unknown']))
    expect(new Set(explained.flatMap(({ fillableBy }) => fillableBy))).toEqual(new Set(['archive', 'rest']))
  })

  test('learns the outages, and knows them from then on with one symbol', () => {
    const learnt = learnOutages([], explainGaps(bitcoin, { evidence: { others }, now }), ['spot'])
    expect(learnt.map(({ range: found }) => found)).toEqual(outages)
    expect(learnOutages(learnt, explainGaps(bitcoin, { evidence: { others }, now }), ['spot'])).toEqual(learnt)
    const alone = explainGaps(bitcoin, { evidence: { outages: learnt, market: 'spot' }, now })
    expect(alone.filter(({ cause }) => cause === 'exchange-halt')).toHaveLength(28)
    expect(alone[0]?.because).toBe('The outage is known: 2 symbols silent together.')
    const elsewhere = explainGaps(bitcoin, { evidence: { outages: learnt, market: 'um' }, now })
    expect(elsewhere.every(({ cause }) => cause === 'unknown')).toBe(true)
  })

  test('is quick with a gap every other hour and many symbols', () => {
    const holes = Array.from({ length: 5000 }, (_, index) => hours(2 * index, 2 * index + 1))
    const silent = Array.from({ length: 50 }, (_, index) => ({
      name: `S${index}`,
      covered: [hours(0, 10_000)],
      gaps: holes,
    }))
    const explained = explainGaps(holes, { evidence: { others: silent }, now: now * 2 })
    expect(explained).toHaveLength(5000)
    expect(explained.every(({ cause }) => cause === 'exchange-halt')).toBe(true)
  })
})

describe('explainGaps by', () => {
  test('listing and delisting, dividing the gap at them', () => {
    const listings = [{ from: gap.from + HOUR, to: gap.from + 2 * HOUR }]
    expect(brief(explain({ listings }))).toEqual([
      ['before-listing', 1],
      ['unknown', 1],
      ['after-delisting', 2],
    ])
    expect(explain({ listings })[0]?.because).toBe('The instrument was first listed at 2024-01-01T11:00:00Z.')
    expect(explain({ listings })[2]?.because).toBe('The instrument was delisted at 2024-01-01T12:00:00Z.')
  })

  test('listing in the middle of a bar, which then is expected', () => {
    expect(brief(explain({ listings: [{ from: gap.from + HOUR + 1 }] }))).toEqual([
      ['before-listing', 1],
      ['unknown', 3],
    ])
  })

  test('the time between two listings of a name', () => {
    const listings = [{ from: 0, to: gap.from }, { from: gap.to }]
    expect(explain({ listings })).toMatchObject([
      { cause: 'after-delisting', because: /listed again only later/, fillableBy: [] },
    ])
  })

  test('the clock: what has not ended cannot be there', () => {
    expect(brief(explainGaps([gap], { evidence: {}, now: gap.from + HOUR + 5 }))).toEqual([
      ['unknown', 1],
      ['not-published-yet', 3],
    ])
  })

  test('own failures, which are tried again, whoever else is silent', () => {
    const runs = [
      { ...hours(12, 20), at: 1, source: 'archive' as const, outcome: 'failed' as const, reason: 'checksum mismatch' },
      { ...hours(12, 20), at: 2, source: 'archive' as const, outcome: 'failed' as const, reason: 'no space left' },
    ]
    expect(explain({ runs, others: [silentOther] })).toMatchObject([
      { cause: 'exchange-halt', expected: 2 },
      {
        cause: 'failed-here',
        expected: 2,
        because: /no space left$/,
        fillableBy: ['archive'],
        evidence: [{ count: 2, at: 2 }],
      },
    ])
  })

  test('silence only where others were looked into, and only while all are silent', () => {
    const other = { name: 'B', covered: [hours(0, 13)], gaps: [hours(11, 24)] }
    expect(brief(explain({ others: [other] }))).toEqual([
      ['unknown', 1],
      ['exchange-halt', 2],
      ['unknown', 1],
    ])
    const trading = { name: 'C', covered: [january], gaps: [hours(12, 13)] }
    expect(brief(explain({ others: [other, trading] }))).toEqual([
      ['unknown', 2],
      ['exchange-halt', 1],
      ['unknown', 1],
    ])
  })

  test('no halt where something happened', () => {
    const evidence = { others: [silentOther], outages: [outage(gap)] }
    const trades = { quiet: [], missing: [], traded: [] }
    expect(explain(evidence)).toMatchObject([{ cause: 'exchange-halt', because: /known.*no rows either/ }])
    expect(explain({ ...evidence, trades: { ...trades, quiet: [gap] } })).toMatchObject([
      { cause: 'exchange-halt', because: /No trade id is missing/ },
    ])
    expect(explain({ ...evidence, trades: { ...trades, missing: [gap] } })).toMatchObject([
      { cause: 'missing-at-source', because: 'Trade ids are missing across it, so there were trades.' },
    ])
    expect(explain({ ...evidence, trades: { ...trades, traded: [gap] } })).toMatchObject([
      { cause: 'missing-at-source', fillableBy: ['trades', 'archive', 'rest'] },
    ])
    const siblings = [{ name: '1m', covered: [january], gaps: [], isFiner: true }]
    expect(explain({ ...evidence, siblings })).toMatchObject([
      { cause: 'missing-at-source', because: '1m has rows there.', fillableBy: ['finer-bars', 'archive', 'rest'] },
    ])
    const sources = [{ name: 'REST', source: 'rest' as const, covered: [january], gaps: [] }]
    expect(explain({ ...evidence, sources })).toMatchObject([
      { cause: 'missing-at-source', fillableBy: ['rest', 'archive'], evidence: [{ kind: 'source', names: ['REST'] }] },
    ])
  })

  test('the absence and the age of its file', () => {
    const day = {
      ...parseTimeRange('2024-01-01', '2024-01-02'),
      name: 'day.zip',
      source: 'archive',
      period: 'day',
      state: 'absent',
    } as const
    const month = { ...january, name: 'month.zip', source: 'archive', period: 'month', state: 'absent' } as const
    const at = (file: typeof day | typeof month, days: number): ExplainedGap[] =>
      explainGaps([gap], { evidence: { files: [file] }, now: file.to + days * DAY_MICROS })
    expect(at(day, 2)).toMatchObject([{ cause: 'not-published-yet', fillableBy: ['archive', 'rest'] }])
    expect(at(day, 3)).toMatchObject([
      { cause: 'missing-at-source', fillableBy: ['rest'], because: 'day.zip is absent and long due.' },
    ])
    expect(at(month, 34)).toMatchObject([{ cause: 'not-published-yet' }])
    expect(at(month, 35)).toMatchObject([{ cause: 'missing-at-source' }])
    const hurried = explainGaps([gap], {
      evidence: { files: [day] },
      now: day.to + 2 * DAY_MICROS,
      publicationDelay: { day: DAY_MICROS },
    })
    expect(hurried).toMatchObject([{ cause: 'missing-at-source' }])
  })

  test('a file that is there without the rows, while others trade', () => {
    const files = [{ ...january, name: 'month.zip', source: 'archive', period: 'month', state: 'held' } as const]
    const others = [{ name: 'B', covered: [january], gaps: [] }]
    expect(explain({ files, others })).toMatchObject([
      { cause: 'missing-at-source', fillableBy: ['rest'], evidence: [{ kind: 'trading', names: ['B'], count: 1 }] },
    ])
    expect(explain({ files })).toMatchObject([{ cause: 'unknown', fillableBy: ['rest'] }])
    const refused = [{ ...gap, at: 1, source: 'rest', outcome: 'refused', reason: 'empty page' } as const]
    expect(explain({ files, others, runs: refused })).toMatchObject([{ cause: 'missing-at-source', fillableBy: [] }])
  })

  test('nothing to fill where nothing was traded', () => {
    const trades = { quiet: [gap], missing: [], traded: [] }
    expect(explain({ trades })).toMatchObject([
      { cause: 'unknown', fillableBy: [], because: /^No trade id is missing/ },
    ])
  })

  test('only the sources that can be asked', () => {
    expect(explain({ askable: ['rest', 'ws'] })).toMatchObject([{ fillableBy: ['rest', 'ws'] }])
  })
})

test('parts of a gap add up to it, whatever the evidence', () => {
  const span = fc
    .tuple(fc.nat(30), fc.nat(9))
    .map(([from, length]) => ({ from: from * HOUR * 0.5, to: (from + length) * HOUR * 0.5 }))
  const spans = fc.array(span, { maxLength: 3 })
  const series = fc.record({ name: fc.constant('S'), covered: spans, gaps: spans })
  const evidence = fc.record({
    listings: fc.option(spans, { nil: undefined }),
    others: fc.array(series, { maxLength: 3 }),
    sources: fc.array(
      fc.record({ name: fc.constant('R'), source: fc.constant('rest' as const), covered: spans, gaps: spans }),
      { maxLength: 1 },
    ),
    outages: spans.map((all) => all.map(outage)),
    trades: fc.record({ quiet: spans, missing: spans, traded: spans }),
    files: fc.array(
      fc
        .tuple(span, fc.constantFrom('held' as const, 'absent' as const))
        .map(([own, state]) => ({ ...own, state, name: 'f', source: 'archive' as const, period: 'day' as const })),
    ),
  })
  fc.assert(
    fc.property(evidence, fc.nat(10), fc.integer({ min: 1, max: 8 }), fc.nat(20), (facts, start, length, clock) => {
      const whole = { from: start * HOUR, to: (start + length) * HOUR, expected: length }
      const explained = explainGaps([whole], { evidence: facts, now: clock * HOUR * 7 })
      expect(explained[0]?.from).toBe(whole.from)
      expect(explained.at(-1)?.to).toBe(whole.to)
      expect(explained.reduce((sum, { expected }) => sum + expected, 0)).toBe(length)
      for (const [index, piece] of explained.entries()) {
        if (index > 0) expect(piece.from).toBe(explained[index - 1]?.to)
        expect(piece.to - piece.from).toBe(piece.expected * HOUR)
        expect(GAP_CAUSES).toContain(piece.cause)
        expect(structuredClone(piece)).toEqual(piece)
        if (['exchange-halt', 'before-listing', 'after-delisting'].includes(piece.cause))
          expect(piece.fillableBy).toEqual([])
      }
    }),
    { numRuns: 250 },
  )
})

test('months are divided at months, and a gap of uneven rows is not divided', () => {
  const months = { ...parseTimeRange('2024-01-01', '2024-05-01'), expected: 4 }
  const evidence = { listings: [{ from: parseInstant('2024-03-01') }] }
  expect(brief(explainGaps([months], { evidence, now, interval: '1mo' }))).toEqual([
    ['before-listing', 2],
    ['unknown', 2],
  ])
  expect(
    explainGaps([{ from: 0, to: 10, expected: 3 }], { evidence: { outages: [outage({ from: 0, to: 5 })] }, now }),
  ).toMatchObject([{ cause: 'unknown', expected: 3 }])
})

test('learnOutages adds what is not known for the market', () => {
  const found = explain({ others: [silentOther] })
  const { from, to } = gap
  const learnt = { range: { from, to }, markets: ['spot'], evidence: '2 symbols silent together' }
  expect(learnOutages([outage(hours(30, 31))], found, ['spot'])).toEqual([learnt, outage(hours(30, 31))])
  expect(learnOutages([outage(hours(9, 15))], found, ['spot'])).toEqual([outage(hours(9, 15))])
  expect(learnOutages([outage(hours(9, 15))], found, ['um'])).toHaveLength(2)
  expect(learnOutages([], explain({}), ['spot'])).toEqual([])
})

function outage({ from, to }: TimeRange): KnownOutage {
  return { range: { from, to }, markets: ['spot'], evidence: 'announced' }
}

const silentOther: SeriesEvidence = { name: 'B', covered: [january], gaps: [gap] }

function explain(evidence: GapEvidence): ExplainedGap[] {
  return explainGaps([gap], { evidence, now })
}

function brief(gaps: readonly ExplainedGap[]): (string | number)[][] {
  return gaps.map(({ cause, expected }) => [cause, expected])
}

function hours(from: number, to: number): Gap {
  return { from: january.from + from * HOUR, to: january.from + to * HOUR, expected: to - from }
}

function readOutages(): TimeRange[] {
  const text = readFileSync(new URL('../fixtures/binance-BTCUSDT-1h-gaps-2017-2024.tsv', import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [before = 0, after = 0] = line.split('\t').map((cell) => parseInstant(`${cell.replace(' ', 'T')}Z`))
      return { from: before + HOUR, to: intervalStart('1h', after) }
    })
}
