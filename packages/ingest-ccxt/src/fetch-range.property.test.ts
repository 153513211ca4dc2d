import {
  type DatasetId,
  defineExchange,
  type ExchangeAdapter,
  isBarType,
  monthOf,
  type PageWalk,
  parseDatasetId,
  parseInstant,
  type RawPage,
  type RestSeries,
  type TimeRange,
} from '@lake/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Clock } from './clock.ts'
import { fetchRange, type FetchRangeOptions } from './fetch-range.ts'
import type { FetchReport } from './fetch-report.ts'
import { scanFlatRows } from './flat-rows.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { RestTransport } from './rest-transport.ts'

/*
 * A venue that behaves as badly as venues do, but never lies in a way that nobody could notice: of two answers in a row
 * that hold nothing new at least one is true, and a row that is held back comes with the next page.
 */

interface Row {
  readonly t: number
  readonly id: number
}

interface Faults {
  /** Chances in 100. */
  readonly short: number
  readonly empty: number
  readonly repeat: number
  readonly overlap: number
  readonly duplicate: number
  readonly late: number
  readonly seed: number
}

const NOW = parseInstant('2024-06-15T12:00:30Z')
const MINUTE = 60_000_000
const HOUR = 60 * MINUTE

function simulate(rows: readonly Row[], series: Pick<RestSeries, 'walk' | 'maxSpan'>, limit: number, faults: Faults) {
  const random = seeded(faults.seed)
  const happens = (chance: number): boolean => random() * 100 < chance
  let lastAnswer: readonly Row[] = []
  let repeats = 0
  /** Whether the last answer held nothing new. */
  let quiet = true
  const served = new Set<Row>()
  let heldBack: Row | undefined
  const requests: Record<string, string | number>[] = []

  const truth = (ask: Record<string, string | number>): Row[] => {
    const [from, to] = [Number(ask['from']), Number(ask['to'])]
    const wanted = Math.min(Number(ask['limit']), limit)
    const size = !quiet && happens(faults.short) ? 1 + Math.floor(random() * wanted) : wanted
    if (series.walk === 'latest') return rows.filter(({ t }) => t < NOW).slice(-wanted)
    if (series.walk === 'cursor') {
      const start = Number(ask['cursor'] ?? 0)
      return rows.slice(start, start + size)
    }
    if (ask['fromId'] !== undefined) return rows.filter(({ id }) => id >= Number(ask['fromId'])).slice(0, size)
    const inside = rows.filter(({ t }) => t >= from && t < to)
    const page = series.walk === 'backward' ? inside.slice(-size) : inside.slice(0, size)
    // A page that holds a part of one instant only would hide the rest of it for good.
    if (new Set(page.map(({ t }) => t)).size === 1 && page.length < wanted) {
      page.splice(0, page.length, ...inside.filter(({ t }) => t === page[0]?.t).slice(0, wanted))
    }
    if (happens(faults.overlap)) {
      const start = rows.findIndex(({ t }) => t >= from)
      if (start > 0 && series.walk !== 'backward' && page.length + 3 < wanted)
        page.unshift(...rows.slice(Math.max(0, start - 2), start))
    }
    return page
  }
  const answer = (ask: Record<string, string | number>): readonly Row[] => {
    if (series.walk !== 'cursor' && repeats < 2 && lastAnswer.length > 1 && happens(faults.repeat)) {
      repeats += 1
      return lastAnswer
    }
    repeats = 0
    let page = truth(ask)
    if (!quiet && happens(faults.empty) && series.walk !== 'cursor' && series.walk !== 'latest') {
      quiet = true
      return []
    }
    quiet = page.every((row) => served.has(row))
    for (const row of page) served.add(row)
    if (heldBack !== undefined) page.unshift(heldBack)
    heldBack = undefined
    if (happens(faults.late) && page.length > 3 && series.walk === 'forward') {
      const [row] = page.splice(1, 1)
      const more = rows.some(({ t }) => t > (page.at(-1)?.t ?? 0) && t < Number(ask['to']))
      if (row !== undefined && more) heldBack = row
      else if (row !== undefined) page.push(row)
    }
    const [first] = page
    if (first !== undefined && happens(faults.duplicate)) page = [first, ...page]
    if (page.length > 0) lastAnswer = page
    return page
  }
  const transport: RestTransport = {
    send({ parameters, rows: place }) {
      requests.push({ ...parameters })
      const page = answer(parameters)
      const start = Number(parameters['cursor'] ?? 0)
      const json = { rows: page, next: start + page.length < rows.length ? String(start + page.length) : undefined }
      const body = Buffer.from(JSON.stringify(json))
      // Some of the walks over rows that nobody has parsed.
      const flatRows = place === undefined || faults.seed % 2 === 0 ? undefined : scanFlatRows(body, place)
      const parsed = JSON.parse(body.toString()) as unknown
      return Promise.resolve({ status: 200, headers: {}, body, json: parsed, flatRows })
    },
    close: () => Promise.resolve(),
  }
  return { transport, requests }
}

function adapterOf(dataset: DatasetId, walk: PageWalk, pageLimit: number, maxSpan?: number): ExchangeAdapter {
  const bars = isBarType(dataset.dataType)
  return defineExchange({
    id: 'sim',
    rest: {
      budgets: [{ id: 'sim', weight: 1000, window: MINUTE }],
      series: [
        {
          id: 'sim-rows',
          dataType: dataset.dataType,
          markets: [dataset.market],
          endpoint: { kind: 'http', url: 'http://127.0.0.1/rows' },
          walk,
          pageLimit,
          maxSpan,
          budget: 'sim',
          parameters: ({ from, to, limit, fromId, cursor }) => {
            const page: Record<string, string | number> = { from, to, limit }
            if (fromId !== undefined) page['fromId'] = String(fromId)
            if (cursor !== undefined) page['cursor'] = cursor
            return page
          },
          format: {
            id: 'sim-rows',
            dataType: dataset.dataType,
            markets: [dataset.market],
            rows: ['rows'],
            shape: 'object',
            columns: [
              { name: 't', kind: 'time', to: 'ts_event' },
              { name: 'id', kind: 'integer', to: bars ? 'trade_count' : 'trade_id' },
            ],
          },
          nextCursor: (body) => {
            const next: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'next') : undefined
            return typeof next === 'string' ? next : undefined
          },
          evidence: 'made here',
        },
      ],
    },
  })
}

/** Chance that is the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const freeLimiter: RateLimiter = {
  acquire: (_, weight) => Promise.resolve({ weight, at: 0, waited: 0 }),
  learn: () => undefined,
}
const clock: Clock = { now: () => NOW, sleep: () => Promise.resolve() }

async function collect(options: FetchRangeOptions): Promise<{ pages: RawPage[]; report: FetchReport }> {
  const pages: RawPage[] = []
  const walk = fetchRange(options)
  for (;;) {
    const step = await walk.next()
    if (step.done === true) return { pages, report: step.value }
    pages.push(step.value)
  }
}

/** The rows that count, as a reader of bronze finds them. */
function counted(pages: readonly RawPage[]): Set<string> {
  const found = new Set<string>()
  for (const { envelope, body } of pages) {
    const { rows } = JSON.parse(Buffer.from(body).toString()) as { rows: Row[] }
    for (const { t, id } of rows) if (t >= envelope.range.from && t < envelope.range.to) found.add(`${t}:${id}`)
  }
  return found
}

function expected(rows: readonly Row[], { from, to }: TimeRange): Set<string> {
  return new Set(rows.filter(({ t }) => t >= from && t < to).map(({ t, id }) => `${t}:${id}`))
}

const NO_FAULTS: Faults = { short: 0, empty: 0, repeat: 0, overlap: 0, duplicate: 0, late: 0, seed: 1 }

const faultsArbitrary = fc.record({
  short: fc.constantFrom(0, 30, 100),
  empty: fc.constantFrom(0, 0, 20),
  repeat: fc.constantFrom(0, 0, 20),
  overlap: fc.constantFrom(0, 30, 100),
  duplicate: fc.constantFrom(0, 30),
  late: fc.constantFrom(0, 0, 30),
  seed: fc.integer(),
})

const gapsArbitrary = fc.array(
  fc.record({ after: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 1, max: 400 }) }),
  {
    maxLength: 4,
  },
)

test('no bar is lost and the walk ends, whatever the pages are like', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<PageWalk>('forward', 'backward'),
      fc.constantFrom<'forward' | 'backward'>('forward', 'backward'),
      // A full page of one row twice cannot be told from more rows than a page has room for.
      fc.integer({ min: 5, max: 40 }),
      gapsArbitrary,
      fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
      faultsArbitrary,
      async (walk, direction, limit, gaps, spanBars, faults) => {
        const dataset = parseDatasetId('sim/spot/klines/X/1h')
        const rows: Row[] = []
        let t = parseInstant('2024-01-20')
        for (const { after, length } of gaps) {
          for (let bar = 0; bar < after; bar++, t += HOUR) rows.push({ t, id: rows.length })
          t += length * HOUR
        }
        for (let bar = 0; bar < 100; bar++, t += HOUR) rows.push({ t, id: rows.length })
        const range = { from: parseInstant('2024-01-15'), to: t + 30 * HOUR }
        const maxSpan = spanBars === undefined ? undefined : spanBars * HOUR
        const mild = walk === 'backward' ? { ...faults, late: 0 } : faults
        const { transport, requests } = simulate(rows, { walk, maxSpan }, limit, mild)
        const adapter = adapterOf(dataset, walk, limit, maxSpan)
        const { pages, report } = await collect({
          adapter,
          dataset,
          range,
          direction,
          transport,
          limiter: freeLimiter,
          clock,
        })
        expect(counted(pages)).toEqual(expected(rows, range))
        expect(report.requests).toBe(requests.length)
        expect(report.pages).toBe(pages.length)
        const windows = Math.ceil((range.to - range.from) / Math.min(maxSpan ?? Infinity, limit * HOUR)) + 12
        expect(requests.length).toBeLessThan(14 * (rows.length + windows))
      },
    ),
    { numRuns: 150 },
  )
}, 20_000)

const eventsArbitrary = fc.array(
  fc.record({ after: fc.integer({ min: 1, max: 12 * 3600 }), together: fc.integer({ min: 1, max: 3 }) }),
  { maxLength: 120 },
)

test('no event is lost, also where several share an instant', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<PageWalk>('forward', 'backward', 'id', 'cursor'),
      fc.constantFrom<'forward' | 'backward'>('forward', 'backward'),
      fc.integer({ min: 5, max: 40 }),
      eventsArbitrary,
      fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      faultsArbitrary,
      async (walk, direction, limit, steps, spanHours, faults) => {
        const dataset = parseDatasetId('sim/spot/trades/X')
        const rows: Row[] = []
        let t = parseInstant('2024-01-20')
        for (const { after, together } of steps) {
          t += after * 1_000_000
          for (let row = 0; row < together; row++) rows.push({ t, id: 7 + 2 * rows.length })
        }
        const range = { from: parseInstant('2024-01-15'), to: t + 30 * HOUR }
        const maxSpan = spanHours === undefined ? undefined : spanHours * HOUR
        const mild = { ...faults, late: walk === 'forward' ? faults.late : 0, duplicate: 0 }
        const { transport, requests } = simulate(rows, { walk, maxSpan }, limit, mild)
        const adapter = adapterOf(dataset, walk, limit, maxSpan)
        const { pages } = await collect({ adapter, dataset, range, direction, transport, limiter: freeLimiter, clock })
        expect(counted(pages)).toEqual(expected(rows, range))
        const windows = Math.ceil((range.to - range.from) / (maxSpan ?? 100 * HOUR)) + 12
        expect(requests.length).toBeLessThan(14 * (rows.length + windows))
        for (const { envelope } of pages) {
          expect(monthOf(envelope.range.from)).toBe(monthOf(envelope.range.to - 1))
          expect(envelope.range.to).toBeLessThanOrEqual(envelope.asOf)
        }
      },
    ),
    { numRuns: 150 },
  )
}, 20_000)

test('funding of 8, 4 and 1 hours, with jitter and a change in between, is fetched whole in few requests', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ hours: fc.constantFrom(1, 4, 8), count: fc.integer({ min: 1, max: 300 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.integer(),
      async (eras, seed) => {
        const dataset = parseDatasetId('sim/um/fundingRate/X')
        const random = seeded(seed)
        const rows: Row[] = []
        let t = parseInstant('2023-11-01')
        for (const { hours, count } of eras) {
          for (let event = 0; event < count; event++, t += hours * HOUR) {
            rows.push({ t: t + Math.floor(random() * 20) * 1000, id: rows.length })
          }
        }
        const range = { from: parseInstant('2023-11-01'), to: Math.min(NOW, t) }
        const { transport, requests } = simulate(rows, { walk: 'forward' }, 1000, { ...NO_FAULTS, seed })
        const adapter = adapterOf(dataset, 'forward', 1000)
        const { pages, report } = await collect({ adapter, dataset, range, transport, limiter: freeLimiter, clock })
        expect(counted(pages)).toEqual(expected(rows, range))
        const months = 2 + (range.to - range.from) / (28 * 24 * HOUR)
        expect(requests.length).toBeLessThan(6 + 4 * months)
        expect(report.rows).toBe(expected(rows, range).size)
      },
    ),
    { numRuns: 100 },
  )
}, 20_000)
