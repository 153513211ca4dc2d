// All that the lake has to know about an exchange called Harbor: data and pure functions, no request is made here.
import { defineExchange } from '@lake/core'
import { defineBucketArchive } from '@lake/exchanges'

const MARKETS = ['spot']

const decimals = (...names) => names.map((name) => ({ name, kind: 'decimal', to: name }))

/** The files of the archive: a zip with a CSV a day. */
const barFiles = {
  id: 'harbor-bars',
  dataType: 'klines',
  markets: MARKETS,
  container: 'zip-csv',
  columns: [
    { name: 'open_time', kind: 'time', to: 'ts_event' },
    ...decimals('open', 'high', 'low', 'close', 'volume'),
    { name: 'close_time', kind: 'time', to: 'close_time' },
    ...decimals('quote_volume'),
    { name: 'count', kind: 'integer', to: 'trade_count' },
    ...decimals('taker_buy_volume', 'taker_buy_quote_volume'),
    { name: 'ignore', kind: 'ignored' },
  ],
  units: { volume: 'base asset', quote_volume: 'quote asset' },
}

/** GET /v1/bars: at most 500 objects, oldest first; a bar closes a millisecond before the next one opens. */
const bars = (url) => ({
  id: 'harbor-bars',
  dataType: 'klines',
  markets: MARKETS,
  endpoint: { kind: 'http', url: `${url}/v1/bars` },
  walk: 'forward',
  pageLimit: 500,
  budget: 'harbor',
  parameters: ({ dataset: { symbol, interval }, from, to, limit }) =>
    interval === '1m' ? { symbol, from: Math.ceil(from / 1000), to: Math.ceil(to / 1000), limit } : undefined,
  format: {
    id: 'harbor-rest-bars',
    dataType: 'klines',
    markets: MARKETS,
    rows: ['bars'],
    shape: 'object',
    columns: [{ name: 'time', kind: 'time', to: 'ts_event' }, ...decimals('open', 'high', 'low', 'close', 'volume')],
    closeBefore: 1000,
    units: { volume: 'base asset' },
  },
  evidence: 'server.mjs in this folder: pages of 500, both times as stated there.',
})

/** The stream of trades: one subscription for many symbols, one trade a frame. */
const trades = (url) => ({
  id: 'harbor-trades',
  dataType: 'trades',
  markets: MARKETS,
  endpoint: {
    kind: 'websocket',
    url: `${url.replace('http', 'ws')}/v1/stream`,
    subscribe: (datasets) => [JSON.stringify({ op: 'subscribe', symbols: datasets.map(({ symbol }) => symbol) })],
    answer: (frame) => (frame?.type === 'subscribed' ? { kind: 'accepted' } : undefined),
  },
  topic: ({ symbol }) => ({ type: 'trade', symbol }),
  format: {
    id: 'harbor-ws-trades',
    dataType: 'trades',
    markets: MARKETS,
    rows: [],
    shape: 'single',
    only: [{ field: 'type', anyOf: ['trade'] }],
    columns: [
      { name: 'time', kind: 'time', to: 'ts_event' },
      { name: 'id', kind: 'integer', to: 'trade_id' },
      { name: 'price', kind: 'decimal', to: 'price' },
      { name: 'size', kind: 'decimal', to: 'size' },
      { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
    ],
  },
  evidence: 'server.mjs in this folder: one JSON object a trade.',
})

/** @param url where the venue is, as in `http://127.0.0.1:8080` */
export const defineHarbor = (url) =>
  defineExchange({
    ...defineBucketArchive({
      id: 'harbor',
      url: `${url}/archive/`,
      listing: 'probe',
      layouts: [{ path: 'bars/{symbol}/{symbol}-{interval}-{day}.zip', market: 'spot', dataType: 'klines' }],
      checksumSuffix: '.CHECKSUM',
      formats: [barFiles],
    }),
    rest: { budgets: [{ id: 'harbor', weight: 600, window: 60_000_000 }], series: [bars(url)] },
    live: { channels: [trades(url)] },
  })
