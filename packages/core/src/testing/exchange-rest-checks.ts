import { expect } from 'vitest'
import { type DatasetId, formatDatasetId } from '../dataset-id.ts'
import { parseInstant } from '../instant.ts'
import { INTERVALS } from '../interval.ts'
import { LakeError } from '../lake-error.ts'
import type { PageAsk, RestEndpoint, RestSeries } from '../rest-rules.ts'
import { datasetsFor, type ExchangeCheck } from './exchange-check.ts'

const DAY = 86_400_000_000
const STARTS = ['2017-01-01', '2020-02-29', '2024-12-31T23:59:00Z', '2026-05-08T00:00:00.001Z'].map(parseInstant)
const SPANS = [60_000_000, DAY, 400 * DAY]

/** What every adapter promises about its REST interface. */
export const REST_CHECKS: readonly ExchangeCheck[] = [
  {
    name: 'names series, formats and budgets after itself, each once',
    run: ({ adapter }) => {
      const { rest, live, id } = adapter
      const ids = [...(rest?.series ?? []), ...(live?.channels ?? []), ...(live?.rawStreams ?? [])].map((one) => one.id)
      const formats = [...(adapter.formats ?? []), ...(rest?.series ?? []).map(({ format }) => format)].map(
        (one) => one.id,
      )
      const budgets = (rest?.budgets ?? []).map((one) => one.id)
      for (const names of [ids, budgets]) {
        expect(new Set(names).size, names.join(' ')).toBe(names.length)
        for (const name of names)
          expect(name, 'words with dashes: it names files').toMatch(/^[a-z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$/)
      }
      for (const name of [...ids, ...formats, ...budgets]) {
        expect(name === id || name.startsWith(`${id}-`), `${name} begins with ${id}`).toBe(true)
      }
    },
  },
  {
    name: 'says for every series where it is, what it costs and how that is known',
    run: ({ adapter }) => {
      for (const series of adapter.rest?.series ?? []) {
        expectEndpoint(series.endpoint, series.id)
        expectEvidence(series.evidence, series.id)
        expect(series.markets, series.id).not.toEqual([])
        expect(Number.isInteger(series.pageLimit) && series.pageLimit > 0, `${series.id}: its page limit`).toBe(true)
        const budget = adapter.rest?.budgets.find(({ id }) => id === series.budget)
        if (budget === undefined) expect.fail(`${series.id} is counted against '${series.budget}', which is no budget`)
        for (const limit of [1, Math.ceil(series.pageLimit / 2), series.pageLimit]) {
          const weight = series.weight?.(limit) ?? 1
          expect(weight, `${series.id}: the weight of ${limit} rows`).toBeGreaterThanOrEqual(0)
          expect(weight, `${series.id}: one page is within its budget`).toBeLessThanOrEqual(budget.weight)
        }
        expect(series.format.dataType, `${series.id}: the data type of its format`).toBe(series.dataType)
        expect(series.format.markets, series.id).toEqual(expect.arrayContaining([...series.markets]))
      }
      for (const { weight, window, id } of adapter.rest?.budgets ?? []) {
        expect(weight > 0 && window > 0, `${id}: its weight and its window`).toBe(true)
      }
    },
  },
  {
    name: 'turns every ask into plain data, always the same, for no more rows than asked',
    run: (subject) => {
      for (const series of subject.adapter.rest?.series ?? []) {
        const datasets = datasetsFor(subject, series)
        const served = datasets.filter((dataset) => series.parameters(askFor(series, dataset)) !== undefined)
        expect(served, `a dataset among the fixtures that ${series.id} serves`).not.toEqual([])
        for (const dataset of served) for (const ask of asksFor(series, dataset)) expectPlain(series, ask)
      }
    },
  },
  {
    name: 'asks for each symbol and interval by a question of its own',
    run: (subject) => {
      for (const series of subject.adapter.rest?.series ?? []) {
        for (const dataset of datasetsFor(subject, series)) {
          const others = [
            { ...dataset, symbol: `X${dataset.symbol}` },
            ...(dataset.interval === undefined ? [] : INTERVALS).map((interval) => ({ ...dataset, interval })),
          ]
          const asked = new Map<string, DatasetId>()
          for (const one of [dataset, ...others]) {
            const query = series.parameters(askFor(series, one))
            if (query === undefined) continue
            const text = JSON.stringify(query)
            const same = formatDatasetId(asked.get(text) ?? one)
            asked.set(text, asked.get(text) ?? one)
            expect(same, `${series.id} asks for two datasets by the same ${text}`).toBe(formatDatasetId(one))
          }
        }
      }
    },
  },
  {
    name: 'has what its walks need: what leads on changes the query',
    run: (subject) => {
      for (const series of subject.adapter.rest?.series ?? []) {
        for (const dataset of datasetsFor(subject, series)) {
          const ask = askFor(series, dataset)
          const query = series.parameters(ask)
          if (query === undefined || series.walk === 'latest') continue
          const { next, what } = nextAsk(series, ask)
          expect(series.parameters(next), `${series.id} walks by ${what}`).not.toEqual(query)
        }
        if (series.walk !== 'cursor') continue
        if (series.nextCursor === undefined) expect.fail(`${series.id} walks by cursor, but has no nextCursor`)
        for (const body of [null, [], {}, 'x'])
          expect(series.nextCursor(body), `${series.id}: no rows, no cursor`).toBeUndefined()
      }
    },
  },
  {
    name: 'reads instruments, and nothing from what is no list of them',
    run: ({ adapter, fixtures }) => {
      for (const [index, source] of (adapter.rest?.instruments ?? []).entries()) {
        expectEndpoint(source.endpoint, `instruments ${index}`)
        expectEvidence(source.evidence, `instruments ${index}`)
        expect(adapter.rest?.budgets.map(({ id }) => id)).toContain(source.budget)
        for (const market of source.markets) {
          for (const body of [null, [], {}, 'x', 7]) expect(harmless(() => source.read(body, market))).toEqual([])
        }
      }
      for (const { market, body, count, first } of fixtures.instruments ?? []) {
        const sources = (adapter.rest?.instruments ?? []).filter(({ markets }) => markets.includes(market))
        const lists = sources.map((source) => source.read(JSON.parse(body), market))
        const list = lists.find((one) => one.length === count)
        if (list === undefined)
          expect.fail(`${count} instruments of ${market}: ${lists.map((one) => one.length).join(' ')}`)
        if (first !== undefined) expect(list[0]).toMatchObject(first)
        for (const instrument of list) {
          const { symbol, base = 'A', quote = 'A', listedAt = 0, delistedAt = Infinity } = instrument
          expect(symbol).not.toBe('')
          expect(instrument.market).toBe(market)
          expect(base.toUpperCase() + quote.toUpperCase(), `${symbol}: assets in upper case`).toBe(base + quote)
          expect(Number.isInteger(listedAt) && listedAt < delistedAt, `${symbol}: listed before it is delisted`).toBe(
            true,
          )
        }
      }
    },
  },
]

/** Holds that an endpoint can be reached by what it says. */
function expectEndpoint(endpoint: RestEndpoint, what: string): void {
  if (endpoint.kind === 'http') expect(URL.canParse(endpoint.url), `${what}: ${endpoint.url}`).toBe(true)
  else expect(`${endpoint.exchange}.${endpoint.method}`, what).toMatch(/^[a-z][a-z0-9]*\.[a-z]\w+$/)
}

/** Holds that somebody wrote down how it is known. */
export function expectEvidence(evidence: string, what: string): void {
  expect(evidence.length, `${what}: say where it is documented or recorded`).toBeGreaterThan(15)
}

function askFor(series: RestSeries, dataset: DatasetId): PageAsk {
  return { dataset, from: parseInstant('2024-02-28'), to: parseInstant('2024-03-02'), limit: series.pageLimit }
}

function* asksFor(series: RestSeries, dataset: DatasetId): Generator<PageAsk> {
  for (const from of STARTS) {
    for (const span of SPANS) {
      for (const limit of [1, series.pageLimit]) {
        const ask = { dataset, from, to: from + span, limit }
        yield ask
        if (series.walk === 'id') yield { ...ask, fromId: 9_007_199_254_740_993n }
        if (series.walk === 'cursor') yield { ...ask, cursor: '1439999999999999999' }
      }
    }
  }
}

function expectPlain(series: RestSeries, ask: PageAsk): void {
  const query = series.parameters(Object.freeze(ask))
  if (query === undefined) expect.fail(`${series.id} serves a dataset at one time and not at another: ${ask.from}`)
  expect(series.parameters(ask), `${series.id}: the same ask again`).toEqual(query)
  for (const [name, value] of Object.entries(query)) {
    const isPlain = typeof value === 'string' ? value !== '' : Number.isFinite(value)
    expect(isPlain, `${series.id}: ${name} is '${String(value)}'`).toBe(true)
    expect(name, `${series.id}: secrets are added by whoever makes the request`).not.toMatch(
      /key|secret|signature|password/i,
    )
    if (/^(limit|count|size|max)$/i.test(name))
      expect(Number(value), `${series.id}: ${name}`).toBeLessThanOrEqual(ask.limit)
  }
}

function nextAsk(series: RestSeries, ask: PageAsk): { readonly next: PageAsk; readonly what: string } {
  switch (series.walk) {
    case 'backward':
      return { next: { ...ask, to: ask.to - DAY }, what: 'to' }
    case 'id':
      return { next: { ...ask, fromId: 12_345n }, what: 'fromId' }
    case 'cursor':
      return { next: { ...ask, cursor: '12345' }, what: 'cursor' }
    default:
      return { next: { ...ask, from: ask.from + DAY }, what: 'from' }
  }
}

/** What a reader gives for a strange body; nothing when it refuses it in so many words. */
function harmless<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (LakeError.is(error)) return []
    throw error
  }
}
