import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { constantWord, makeTable } from '../make-table.ts'
import type { ExchangeAdapter } from '../exchange-adapter.ts'
import type { LiveChannel } from '../live-rules.ts'
import type { PageFormat } from '../page-format.ts'
import type { RestSeries } from '../rest-rules.ts'
import { tableSchema } from '../table.ts'
import { describeExchange, EXCHANGE_CHECKS } from './describe-exchange.ts'
import type { ExchangeFixtures, ExchangeParsers } from './exchange-fixtures.ts'
import { readExchangeFixtures } from './exchange-fixtures.ts'
import { readPageSlowly } from './read-page-slowly.ts'

const KEY = /^(?:trades)\/([A-Z]+)\/\1-(\d{4}-\d\d-\d\d)\.zip$/

const format: PageFormat = {
  id: 'toy-rest-funding',
  dataType: 'fundingRate',
  markets: ['um'],
  rows: ['list'],
  shape: 'array',
  columns: [
    { name: 'time', kind: 'time', to: 'ts_event' },
    { name: 'rate', kind: 'decimal', signed: true, to: 'funding_rate' },
    { name: 'final', kind: 'ignored' },
  ],
  only: [{ field: '2', anyOf: ['1'] }],
}

const series: RestSeries = {
  id: 'toy-funding',
  dataType: 'fundingRate',
  markets: ['um'],
  endpoint: { kind: 'http', url: 'http://127.0.0.1:1/funding' },
  walk: 'forward',
  pageLimit: 100,
  budget: 'toy',
  parameters: ({ dataset, from, to, limit }) => ({ symbol: dataset.symbol, from, to, limit }),
  format,
  evidence: 'Invented here, for the tests of the suite.',
}

const channel: LiveChannel = {
  id: 'toy-funding-stream',
  dataType: 'fundingRate',
  markets: ['um'],
  endpoint: {
    kind: 'websocket',
    url: 'ws://127.0.0.1:1/ws',
    subscribe: (datasets) => datasets.map(({ symbol }) => JSON.stringify({ subscribe: symbol.toLowerCase() })),
  },
  format: { ...format, id: 'toy-ws-funding', rows: [], shape: 'single', only: [] },
  topic: ({ symbol }) => ({ symbol: symbol.toLowerCase() }),
  evidence: 'Invented here, for the tests of the suite.',
}

const toy: ExchangeAdapter = {
  id: 'toy',
  contract: 1,
  archive: {
    url: 'http://127.0.0.1:1/',
    prefixes: ({ exchange, symbol }) => (exchange === 'toy' ? [`trades/${symbol}/`] : []),
    key: ({ exchange, dataType, symbol }, { kind, label }) =>
      exchange === 'toy' && dataType === 'trades' && kind === 'day'
        ? `trades/${symbol}/${symbol}-${label}.zip`
        : undefined,
    parseKey(key) {
      const [, symbol, label] = KEY.exec(key) ?? []
      if (symbol === undefined || label === undefined) return undefined
      const dataset = { exchange: 'toy', market: 'spot', dataType: 'trades', symbol } as const
      return { dataset, period: { kind: 'day', label, from: 0, to: 1 } }
    },
    readFolder: () => [{}],
  },
  rest: {
    budgets: [{ id: 'toy', weight: 10, window: 1 }],
    series: [series],
    instruments: [
      {
        markets: ['um'],
        endpoint: { kind: 'ccxt', exchange: 'toy', method: 'publicGetAll' },
        budget: 'toy',
        read: (body, market) =>
          Array.isArray(body) ? body.map((symbol) => ({ symbol: String(symbol), market, status: 'trading' })) : [],
        evidence: 'Invented here, for the tests of the suite.',
      },
    ],
  },
  live: { channels: [channel] },
}

const page = '{"list":[["1600000000000","-0.0001","1"],["1600000000001",2,"0"]],"last":7}'

const fixtures: ExchangeFixtures = {
  datasets: ['toy/spot/trades/BTC', 'toy/um/fundingRate/BTC'],
  archiveKeys: ['trades/BTC/BTC-2024-01-31.zip'],
  files: [
    {
      key: 'trades/BTC/BTC-2024-01-31.zip',
      bytes: new Uint8Array(1),
      rows: 1,
      first: { ts_event: 1_600_000_000_000_000, source: 'rest' },
    },
  ],
  pages: [
    {
      series: 'toy-funding',
      dataset: 'toy/um/fundingRate/BTC',
      body: page,
      rows: 1,
      first: { ts_event: 1_600_000_000_000_000, funding_rate: -0.0001 },
    },
  ],
  instruments: [{ market: 'um', body: '["BTC"]', count: 1, first: { symbol: 'BTC' } }],
  unrecorded: ['toy-funding-stream'],
}

/** A parser that finds what is there. */
const parsers: ExchangeParsers = {
  parsePage: async () => fundingTable(-0.0001),
  parseFile: async () => fundingTable(-0.0001),
}

function fundingTable(rate: number) {
  const time = () => BigInt64Array.of(1_600_000_000_000_000n)
  const columns = {
    ...{ ts_event: time(), ts_available: time(), source: constantWord('rest', 1), funding_rate: Float64Array.of(rate) },
    ...{
      funding_interval_hours: { values: BigInt64Array.of(0n), nulls: Uint8Array.of(1) },
      mark_price: Float64Array.of(Number.NaN),
    },
  }
  return makeTable(tableSchema('fundingRate'), columns)
}

describeExchange(toy, fixtures, parsers)

interface Broken {
  readonly name: string
  /** The check that must fail. */
  readonly caughtBy: string
  /** What it must say. */
  readonly says?: string
  readonly adapter?: Partial<ExchangeAdapter>
  readonly fixtures?: Partial<ExchangeFixtures>
  readonly parsers?: ExchangeParsers
}

const withSeries = (change: Partial<RestSeries>): Partial<ExchangeAdapter> => ({
  rest: { budgets: [{ id: 'toy', weight: 10, window: 1 }], series: [{ ...series, ...change }] },
})
const withFormat = (change: Partial<PageFormat>): Partial<ExchangeAdapter> =>
  withSeries({ format: { ...format, ...change } })
const withChannel = (change: Partial<LiveChannel>): Partial<ExchangeAdapter> => ({
  live: { channels: [{ ...channel, ...change }] },
})
const withArchive = (change: Partial<NonNullable<ExchangeAdapter['archive']>>): Partial<ExchangeAdapter> =>
  toy.archive === undefined ? {} : { archive: { ...toy.archive, ...change } }

const [TIME = { name: 'time', kind: 'time', to: 'ts_event' }, RATE = TIME] = format.columns

// The suite is only worth something when it catches adapters that break a promise: each of these breaks one.
const BROKEN: readonly Broken[] = [
  {
    name: 'says no version',
    caughtBy: 'is an adapter of this version of the contract',
    adapter: { contract: undefined },
  },
  {
    name: 'is of another version',
    caughtBy: 'is an adapter of this version of the contract',
    adapter: { contract: 99 },
  },
  {
    name: 'has datasets of another venue',
    caughtBy: 'has fixtures of its own datasets',
    fixtures: { datasets: ['other/um/fundingRate/BTC'] },
  },
  {
    name: 'does not know a real key',
    caughtBy: 'reads real keys of its archive',
    fixtures: { archiveKeys: ['other.zip'] },
  },
  { name: 'names no real key', caughtBy: 'reads real keys of its archive', fixtures: { archiveKeys: undefined } },
  {
    name: 'spells other keys than it reads',
    caughtBy: 'reads real keys of its archive',
    adapter: withArchive({ key: () => 'x' }),
  },
  {
    name: 'looks elsewhere',
    caughtBy: 'reads every key that it spells',
    adapter: withArchive({ prefixes: () => ['elsewhere/'] }),
  },
  {
    name: 'does not know its folders',
    caughtBy: 'reads every key that it spells',
    adapter: withArchive({ readFolder: () => [] }),
  },
  {
    name: 'has keys of other venues',
    caughtBy: 'knows no keys of other venues',
    adapter: withArchive({ prefixes: () => ['trades/BTC/'] }),
  },
  {
    name: 'leaves out a column',
    caughtBy: 'has formats whose columns fill',
    says: 'toy-rest-funding leaves out columns that must not be null',
    adapter: withFormat({ columns: [TIME] }),
  },
  {
    name: 'leaves out when bars close',
    caughtBy: 'has formats whose columns fill',
    says: 'closeBefore gives close_time',
    adapter: withFormat({ dataType: 'klines', columns: [TIME] }),
  },
  {
    name: 'misspells how it walks',
    caughtBy: 'uses no words but those',
    says: "toy-funding: its walk is 'foreward', where there are only forward backward id cursor latest",
    adapter: withSeries(Object.assign({}, series, { walk: 'foreward' })),
  },
  {
    name: 'invents a market',
    caughtBy: 'uses no words but those',
    says: "toy-funding: a market of it is 'swap', where there are only spot um cm option",
    adapter: withSeries(Object.assign({}, series, { markets: ['swap'] })),
  },
  {
    name: 'invents a kind of column',
    caughtBy: 'uses no words but those',
    says: "toy-rest-funding: the kind of rate is 'number'",
    adapter: withFormat({ columns: [TIME, Object.assign({}, RATE, { kind: 'number' })] }),
  },
  {
    name: 'misspells a function',
    caughtBy: 'uses no words but those',
    says: 'toy-funding: its parameters',
    adapter: withSeries(Object.assign({}, series, { parameters: 'symbol' })),
  },
  {
    name: 'asks for all intervals in the same way',
    caughtBy: 'asks for each symbol and interval',
    says: 'toy-funding asks for two datasets by the same',
    adapter: withSeries({ dataType: 'klines', parameters: ({ dataset, from }) => ({ symbol: dataset.symbol, from }) }),
    fixtures: { datasets: ['toy/um/klines/BTC/1m'] },
  },
  {
    name: 'asks for all symbols in the same way',
    caughtBy: 'asks for each symbol and interval',
    says: 'toy-funding asks for two datasets by the same',
    adapter: withSeries({ parameters: ({ from }) => ({ from }) }),
  },
  {
    name: 'knows buyers only',
    caughtBy: 'has formats in which a name',
    says: 'toy-rest-funding: what the words of side stand for',
    adapter: withFormat({ columns: [TIME, { name: 'side', kind: 'word', words: { buy: 'buy' }, to: 'side' }] }),
  },
  {
    name: 'takes its own message for an answer',
    caughtBy: 'subscribes to what it is asked',
    says: 'toy-funding-stream: what it sends itself is no answer',
    adapter: withChannel({
      endpoint: {
        ...{ kind: 'websocket', url: 'ws://127.0.0.1:1/ws' },
        ...{ subscribe: () => ['{"op":"subscribe"}'], answer: () => ({ kind: 'accepted' }) },
      },
    }),
  },
  {
    name: 'fills a column with another kind',
    caughtBy: 'has formats whose columns fill',
    adapter: withFormat({ columns: [TIME, { ...RATE, kind: 'integer' }] }),
  },
  {
    name: 'fills a column twice',
    caughtBy: 'has formats whose columns fill',
    adapter: withFormat({ columns: [TIME, RATE, { ...RATE, name: 'again' }] }),
  },
  {
    name: 'has the unit of nothing',
    caughtBy: 'has formats whose columns fill',
    adapter: withFormat({ units: { volume: 'coins' } }),
  },
  {
    name: 'has a constant that is no word',
    caughtBy: 'has formats whose columns fill',
    adapter: withFormat({ constants: { mark_price: 'much' } }),
  },
  {
    name: 'has a name twice',
    caughtBy: 'has formats in which a name',
    adapter: withFormat({ columns: [TIME, RATE, { name: 'rate', kind: 'ignored' }] }),
  },
  {
    name: 'has words that say nothing',
    caughtBy: 'has formats in which a name',
    adapter: withFormat({ columns: [TIME, RATE, { name: 'side', kind: 'word' }] }),
  },
  {
    name: 'filters by a field that is not there',
    caughtBy: 'filters rows',
    adapter: withFormat({ only: [{ field: '9', anyOf: ['1'] }] }),
  },
  {
    name: 'names a series otherwise',
    caughtBy: 'names series, formats and budgets',
    adapter: withSeries({ id: 'other-funding' }),
  },
  { name: 'has a budget that is none', caughtBy: 'says for every series', adapter: withSeries({ budget: 'none' }) },
  { name: 'has no evidence', caughtBy: 'says for every series', adapter: withSeries({ evidence: '' }) },
  { name: 'has pages of no rows', caughtBy: 'says for every series', adapter: withSeries({ pageLimit: 0 }) },
  {
    name: 'costs more than its budget',
    caughtBy: 'says for every series',
    adapter: withSeries({ weight: (limit) => limit }),
  },
  {
    name: 'has an address that is none',
    caughtBy: 'says for every series',
    adapter: withSeries({ endpoint: { kind: 'http', url: 'nowhere' } }),
  },
  {
    name: 'asks for the time',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: ({ from }) => ({ from, now: Math.random() }) }),
  },
  {
    name: 'asks for too many rows',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: ({ from }) => ({ from, limit: 1000 }) }),
  },
  {
    name: 'asks with no number',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: ({ from }) => ({ from, to: Number.NaN }) }),
  },
  {
    name: 'sends a secret',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: ({ from }) => ({ from, apiKey: 'x' }) }),
  },
  {
    name: 'serves no dataset of the fixtures',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: () => undefined }),
  },
  {
    name: 'serves old days only',
    caughtBy: 'turns every ask',
    adapter: withSeries({ parameters: ({ from }) => (from < 1.77e15 ? { from } : undefined) }),
  },
  {
    name: 'walks forward without from',
    caughtBy: 'has what its walks need',
    adapter: withSeries({ parameters: ({ to }) => ({ to }) }),
  },
  {
    name: 'walks backward without to',
    caughtBy: 'has what its walks need',
    adapter: withSeries({ walk: 'backward', parameters: ({ from }) => ({ from }) }),
  },
  { name: 'walks by id without fromId', caughtBy: 'has what its walks need', adapter: withSeries({ walk: 'id' }) },
  { name: 'walks by cursor without one', caughtBy: 'has what its walks need', adapter: withSeries({ walk: 'cursor' }) },
  {
    name: 'has no nextCursor',
    caughtBy: 'has what its walks need',
    adapter: withSeries({ walk: 'cursor', parameters: ({ cursor = '' }) => ({ from: 1, cursor }) }),
  },
  {
    name: 'lists other instruments',
    caughtBy: 'reads instruments',
    fixtures: { instruments: [{ market: 'um', body: '[]', count: 1 }] },
  },
  {
    name: 'sends nothing that the fixtures have',
    caughtBy: 'subscribes to what it is asked',
    adapter: withChannel({ dataType: 'bookTicker' }),
  },
  {
    name: 'watches by fetching',
    caughtBy: 'says for every stream',
    adapter: withChannel({ endpoint: { kind: 'ccxt', exchange: 'toy', method: 'fetchTrades' } }),
  },
  {
    name: 'streams from a page',
    caughtBy: 'says for every stream',
    adapter: withChannel({ endpoint: { kind: 'websocket', url: 'http://x', subscribe: () => [] } }),
  },
  {
    name: 'subscribes to nobody',
    caughtBy: 'subscribes to what it is asked',
    adapter: withChannel({ topic: () => ({ symbol: 'all' }) }),
  },
  { name: 'lacks a recording', caughtBy: 'has a recording', fixtures: { unrecorded: [] } },
  {
    name: 'has a recording of what it says it has none',
    caughtBy: 'has a recording',
    fixtures: { unrecorded: ['toy-funding', 'toy-funding-stream'] },
  },
  { name: 'has fewer rows recorded', caughtBy: 'describes recorded pages', adapter: withFormat({ only: [] }) },
  {
    name: 'has a field that no row has',
    caughtBy: 'describes recorded pages',
    says: 'toy-funding: 7 is absent',
    adapter: withFormat({ shape: 'object', only: [], columns: [TIME, { ...RATE, name: '7' }] }),
    fixtures: {
      pages: [{ series: 'toy-funding', dataset: 'toy/um/fundingRate/BTC', body: '{"list":[{"time":1}]}', rows: 1 }],
    },
  },
  {
    name: 'reads another value',
    caughtBy: 'describes recorded pages',
    adapter: withFormat({
      columns: [TIME, RATE, { name: 'final', kind: 'decimal', to: 'mark_price' }],
      only: undefined,
    }),
  },
  {
    name: 'has pages of unknown series',
    caughtBy: 'describes recorded pages',
    fixtures: { pages: [{ series: 'toy-x', dataset: 'toy/um/fundingRate/BTC', body: '', rows: 0 }] },
  },
  {
    name: 'has frames of unknown channels',
    caughtBy: 'describes recorded pages',
    fixtures: { frames: [{ channel: 'toy-x', dataset: 'toy/um/fundingRate/BTC', body: '', rows: 0 }] },
  },
  {
    name: 'is parsed otherwise',
    caughtBy: 'describes recorded pages',
    parsers: { parsePage: async () => fundingTable(7) },
  },
  {
    name: 'has files of no archive',
    caughtBy: 'describes files',
    fixtures: { files: [{ key: 'x', bytes: new Uint8Array(), rows: 0 }] },
  },
  {
    name: 'has files with other rows',
    caughtBy: 'describes files',
    fixtures: { files: [{ key: 'trades/BTC/BTC-2024-01-31.zip', bytes: new Uint8Array(), rows: 2 }] },
  },
]

describe('the suite catches an adapter that', () => {
  test.each(BROKEN)('$name', async ({ caughtBy, says, ...broken }) => {
    const check =
      EXCHANGE_CHECKS.find(({ name }) => name.startsWith(caughtBy)) ?? expect.fail(`there is no check '${caughtBy}'`)
    const subject = {
      adapter: { ...toy, ...broken.adapter },
      fixtures: { ...fixtures, ...broken.fixtures },
      parsers: broken.parsers ?? parsers,
    }
    await expect((async () => check.run(subject))()).rejects.toThrow(says)
  })
})

describe('readPageSlowly', () => {
  const read = (body: string, change: Partial<PageFormat>) =>
    readPageSlowly(body, { ...format, only: [], ...change }, 'BTC')

  test('reads every kind of field, by name and by path', () => {
    const body = '{"data":{"E":1,"o":{"n":1600000000000000000,"t":"2026-05-08 00:00:00","z":"2026-05-08T00:00:00.5Z","s":1600000000.1234567,"i":"12","d":"1.5e3","f":"True","g":false,"m":false,"w":"b","x":"word","y":""}}}' // prettier-ignore
    const columns: PageFormat['columns'] = [
      { name: 'n', kind: 'time', unit: 'nanoseconds', to: 'n' },
      { name: 't', kind: 'time', unit: 'text', to: 't' },
      { name: 'z', kind: 'time', unit: 'text', to: 'z' },
      { name: 's', kind: 'time', unit: 'seconds', to: 's' },
      { name: 'i', kind: 'integer', to: 'i' },
      { name: 'd', kind: 'decimal', to: 'd' },
      { name: 'f', kind: 'flag', to: 'f' },
      { name: 'g', kind: 'flag', to: 'g' },
      { name: 'm', kind: 'buyer-maker', to: 'm' },
      { name: 'w', kind: 'word', words: { b: 'buy' }, to: 'w' },
      { name: 'q', aliases: ['x'], kind: 'text', to: 'x' },
      { name: 'y', kind: 'decimal', nullable: true, to: 'y' },
    ]
    expect(read(body, { rows: ['data', 'o'], shape: 'single', columns, constants: { c: 'C' } })).toEqual([
      {
        ...{ n: 1_600_000_000_000_000, t: 1_778_198_400_000_000, z: 1_778_198_400_500_000, s: 1_600_000_000_123_456 },
        ...{ i: 12, d: 1500, f: true, g: false, m: 'buy', w: 'buy', x: 'word', y: null, c: 'C' },
      },
    ])
  })

  test('finds rows under every member, and none in what is no list', () => {
    const body = '{"result":{"A":[["1","2"]],"B":[["3","4"]],"last":5}}'
    expect(read(body, { rows: ['result', '*'] })).toHaveLength(2)
    expect(read('[1]', { rows: [], shape: 'single' })).toEqual([])
    expect(read('null', {})).toEqual([])
  })

  test('looks around the rows, and for those of the symbol', () => {
    const body = '{"s":"x","data":{"a":{"id":"BTC","list":[["1","2"]]},"b":{"id":"ETH","list":[["3","4"],["5","6"]]}}}'
    const columns: PageFormat['columns'] = [{ name: '$.s', kind: 'text', to: 's' }, ...format.columns.slice(0, 2)]
    const rows = ['data', '*', 'list'] as const
    expect(read(body, { rows, columns })).toHaveLength(3)
    const only = [{ field: '$.data.*.id', anyOf: 'symbol' }] as const
    expect(read(body, { rows, columns, only })).toEqual([{ s: 'x', ts_event: 1000, funding_rate: 2 }])
  })

  test.each([
    ['integer', '-1'],
    ['decimal', 'x'],
    ['decimal', '-1'],
    ['flag', 'yes'],
    ['buyer-maker', '1'],
    ['word', 'toString'],
    ['text', ''],
  ] as const)('refuses as %s: %s', (kind, text) => {
    const columns = [{ name: 'a', kind, words: { b: 'buy' } }] as const
    expect(() => read(`[{"a":"${text}"}]`, { rows: [], shape: 'object', columns })).toThrow(/a is /)
  })
})

describe('readExchangeFixtures', () => {
  test('refuses what has no datasets', async () => {
    await expect(readExchangeFixtures(new URL('../../package.json', import.meta.url))).rejects.toThrow(
      'no list of datasets',
    )
  })

  test('reads bodies from files, and from within them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lake-fixtures-'))
    try {
      const page = { series: 's', dataset: 'd', rows: 1, file: 'page.json' }
      const pages = [page, { ...page, path: [1, 'data'] }]
      const stored = { datasets: ['d'], pages, files: [{ key: 'k', rows: 1, file: 'page.json' }] }
      await writeFile(join(folder, 'fixtures.json'), JSON.stringify(stored))
      await writeFile(join(folder, 'page.json'), '[0, {"data": [7]}]')
      const read = await readExchangeFixtures(pathToFileURL(join(folder, 'fixtures.json')))
      expect(read.pages?.map(({ body }) => body)).toEqual(['[0, {"data": [7]}]', '[7]'])
      expect(read.files?.[0]?.bytes).toHaveLength(18)
      await writeFile(
        join(folder, 'fixtures.json'),
        JSON.stringify({ ...stored, pages: [{ ...page, path: ['none'] }] }),
      )
      await expect(readExchangeFixtures(pathToFileURL(join(folder, 'fixtures.json')))).rejects.toThrow(
        'nothing at none',
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
