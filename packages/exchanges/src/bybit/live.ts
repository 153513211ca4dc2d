import type {
  DatasetId,
  DataType,
  Interval,
  LiveChannel,
  LiveRules,
  LiveStream,
  Market,
  PageFormat,
  SubscriptionAnswer,
} from '@lake/core'
import { BASE_AND_QUOTE, CONTRACTS_AND_BASE } from '../rest/page-columns.ts'
import { SIDE_WORDS } from '../side-words.ts'

const CATEGORIES = { spot: 'spot', um: 'linear', cm: 'inverse' } as const

const CONTRACTS = ['um', 'cm'] as const
const ALL = ['spot', ...CONTRACTS] as const

type LiveMarket = keyof typeof CATEGORIES

const INTERVALS: Readonly<Partial<Record<Interval, string>>> = {
  '1m': '1', '3m': '3', '5m': '5', '15m': '15', '30m': '30', '1h': '60', '2h': '120', '4h': '240', '6h': '360', '12h': '720',
  '1d': 'D', '1w': 'W', '1mo': 'M',
} // prettier-ignore

const TRADES =
  'Recorded frames of all three markets; documentation of Trade: i is the number of a trade, S the side of the taker.'
const BEST_QUOTES = 'Recorded frames of spot and linear; documentation of Orderbook, level 1.'
const TICKERS =
  'Recorded frames of linear and inverse; documentation of Ticker: fundingRate is that of nextFundingTime.'

/** The most topics of a message; spot takes no more. */
const TOPICS = 10

/** The venue closes connections that do not ping by themselves. */
const PING = { message: '{"op":"ping"}', everyMicros: 20_000_000 } as const

/**
 * What Bybit sends live. Frames alone are kept of
 *
 * - the best quotes: a frame may say of one side only that it has changed
 * - tickers of contracts, with the mark price and the funding rate that is expected: the same, and an estimate
 */
export const bybitLive: LiveRules = {
  channels: [...CONTRACTS.map(liquidations), ...ALL.map(trades), ...ALL.map(klines)],
  rawStreams: [
    ...ALL.map((market) =>
      stream(market, 'book-tickers', 'bookTicker', ({ symbol }) => `orderbook.1.${symbol}`, BEST_QUOTES),
    ),
    ...CONTRACTS.map((market) =>
      stream(market, 'tickers', 'fundingRate', ({ symbol }) => `tickers.${symbol}`, TICKERS),
    ),
  ],
}

function channel(
  market: LiveMarket,
  id: string,
  topicOf: (dataset: DatasetId) => string | undefined,
  format: Omit<PageFormat, 'id' | 'markets' | 'rows' | 'shape'>,
  evidence: string,
): LiveChannel {
  return {
    ...stream(market, id, format.dataType, topicOf, evidence),
    format: { ...format, id: `bybit-ws-${market}-${id}`, markets: [market], rows: ['data'], shape: 'object' },
  }
}

function stream(
  market: LiveMarket,
  id: string,
  dataType: DataType,
  topicOf: (dataset: DatasetId) => string | undefined,
  evidence: string,
): LiveStream {
  return {
    id: `bybit-ws-${market}-${id}`,
    dataType,
    markets: [market],
    endpoint: {
      kind: 'websocket',
      url: `wss://stream.bybit.com/v5/public/${CATEGORIES[market]}`,
      subscribe(datasets) {
        const topics = datasets.flatMap((dataset) => topicOf(dataset) ?? [])
        return Array.from({ length: Math.ceil(topics.length / TOPICS) }, (_, index) =>
          JSON.stringify({ op: 'subscribe', args: topics.slice(index * TOPICS, (index + 1) * TOPICS) }),
        )
      },
      answer,
      ping: PING,
    },
    topic(dataset) {
      const topic = topicOf(dataset)
      return topic === undefined ? undefined : { topic }
    },
    evidence,
  }
}

/** `{"success":true,"op":"subscribe",…}`, and the same with `ping` for pings. */
function answer(frame: unknown): SubscriptionAnswer | undefined {
  if (typeof frame !== 'object' || frame === null || !('success' in frame)) return undefined
  if (frame.success === true) return { kind: 'op' in frame && frame.op === 'subscribe' ? 'accepted' : 'other' }
  return { kind: 'refused', reason: JSON.stringify(frame) }
}

/** `S` is the side of the position: that of a long one is closed by a sale. `p` is its bankruptcy price. */
function liquidations(market: 'um' | 'cm'): LiveChannel {
  return channel(
    market,
    'liquidations',
    ({ symbol }) => `allLiquidation.${symbol}`,
    {
      dataType: 'liquidations',
      columns: [
        { name: 's', kind: 'symbol' },
        { name: 'T', kind: 'time', to: 'ts_event' },
        { name: 'S', kind: 'word', words: { Buy: 'sell', Sell: 'buy' }, to: 'side' },
        { name: 'v', kind: 'decimal', to: 'original_size' },
        { name: 'p', kind: 'decimal', to: 'price' },
      ],
      units: { original_size: sizeUnit(market) },
    },
    'A recorded frame of linear; documentation of All Liquidation: a Buy means that a long position was liquidated.',
  )
}

/** Of contracts the numbers are UUIDs, which become the same integers as those of the archive; of spot those of REST. */
function trades(market: LiveMarket): LiveChannel {
  return channel(
    market,
    'trades',
    ({ symbol }) => `publicTrade.${symbol}`,
    {
      dataType: 'trades',
      columns: [
        { name: 's', kind: 'symbol' },
        { name: 'T', kind: 'time', to: 'ts_event' },
        { name: 'i', kind: market === 'spot' ? 'integer' : 'uuid', to: 'trade_id' },
        { name: 'p', kind: 'decimal', to: 'price' },
        { name: 'v', kind: 'decimal', to: 'size' },
        { name: 'S', kind: 'word', words: SIDE_WORDS, to: 'side' },
      ],
      units: { size: sizeUnit(market) },
    },
    TRADES,
  )
}

function klines(market: LiveMarket): LiveChannel {
  return channel(
    market,
    'klines',
    ({ symbol, interval }) => {
      const word = interval === undefined ? undefined : INTERVALS[interval]
      return word === undefined ? undefined : `kline.${word}.${symbol}`
    },
    {
      dataType: 'klines',
      only: [{ field: 'confirm', anyOf: ['true'] }],
      columns: [
        { name: 'start', kind: 'time', to: 'ts_event' },
        { name: 'open', kind: 'decimal', to: 'open' },
        { name: 'high', kind: 'decimal', to: 'high' },
        { name: 'low', kind: 'decimal', to: 'low' },
        { name: 'close', kind: 'decimal', to: 'close' },
        { name: 'volume', kind: 'decimal', to: 'volume' },
        { name: 'turnover', kind: 'decimal', to: 'quote_volume' },
        { name: 'end', kind: 'time', to: 'close_time' },
      ],
      units: market === 'cm' ? CONTRACTS_AND_BASE : BASE_AND_QUOTE,
    },
    'Recorded frames of spot and linear, which has the next bar beside the closed one; documentation of Kline: confirm is true once a bar is closed.',
  )
}

function sizeUnit(market: Market): string {
  return market === 'cm' ? 'contracts' : 'base asset'
}
