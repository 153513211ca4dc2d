import {
  type DatasetId,
  type DataType,
  LakeError,
  type LiveChannel,
  type LiveRules,
  type LiveStream,
  type Market,
  type PageFormat,
  type SourceColumn,
  type SubscriptionAnswer,
} from '@lake/core'
import { okxMarket } from './okx-market.ts'
import { OKX_INTERVALS, okxRest } from './rest.ts'

const ADDRESSES = {
  public: 'wss://ws.okx.com:8443/ws/v5/public',
  business: 'wss://ws.okx.com:8443/ws/v5/business',
} as const

/** The venue wants this text instead of the pings of the protocol, and closes what is silent for 30 seconds. */
const PING = { message: 'ping', everyMicros: 15_000_000, answer: 'pong' } as const

/** The venue takes 480 subscriptions an hour of a connection. */
const MOST_DATASETS = 240

const CONTRACTS = ['um', 'cm'] as const
const ALL = ['spot', 'um', 'cm'] as const

/**
 * What OKX sends live. Bars and trades have the form of the answers over REST. Of the funding rate frames alone are
 * kept: they state what is expected, and of what was settled the rate without its time. So are mark prices.
 */
export const okxLive: LiveRules = {
  channels: [
    ...CONTRACTS.map(liquidations),
    ...ALL.map(trades),
    ...ALL.map((market) => bars(market, 'klines', 'klines', 'candle', `okx-${market}-klines`)),
    ...CONTRACTS.map((market) =>
      bars(market, 'mark-klines', 'markPriceKlines', 'mark-price-candle', 'okx-mark-klines'),
    ),
    ...ALL.map(bookTickers),
  ],
  rawStreams: CONTRACTS.flatMap((market) => [
    stream(market, {
      ...{ id: 'funding-rate', dataType: 'fundingRate', channelOf: () => 'funding-rate' },
      evidence: 'A recorded frame of um; documentation of the funding rate channel, whose example is of cm.',
    }),
    stream(market, {
      ...{ id: 'mark-price', dataType: 'fundingRate', channelOf: () => 'mark-price' },
      evidence: 'A recorded frame of um; documentation of the mark price channel, whose earlier example is of cm.',
    }),
  ]),
}

interface StreamShape {
  readonly id: string
  readonly dataType: DataType
  readonly address?: keyof typeof ADDRESSES | undefined
  /** The venue's name of the channel; `undefined` for datasets that have none. */
  readonly channelOf: (dataset: DatasetId) => string | undefined
  readonly evidence: string
}

/** One subscription a dataset, since the venue answers each. */
function stream(market: Market, { id, dataType, address = 'public', channelOf, evidence }: StreamShape): LiveStream {
  return {
    ...{ id: `okx-ws-${market}-${id}`, dataType, markets: [market], evidence },
    endpoint: {
      ...{ kind: 'websocket', url: ADDRESSES[address], answer, ping: PING, maxDatasets: MOST_DATASETS },
      subscribe: (datasets) =>
        datasets.map((dataset) =>
          JSON.stringify({ op: 'subscribe', args: [{ channel: channelOf(dataset), instId: dataset.symbol }] }),
        ),
    },
    topic(dataset) {
      const channel = okxMarket(dataset.symbol) === market ? channelOf(dataset) : undefined
      return channel === undefined ? undefined : { 'arg.channel': channel, 'arg.instId': dataset.symbol }
    },
  }
}

/** A stream whose rows look as those of a REST series. */
function likeRest(market: Market, shape: StreamShape, seriesId: string): LiveChannel {
  const format = okxRest.series.find(({ id }) => id === seriesId)?.format
  if (format === undefined) throw new LakeError('BAD_REQUEST', `OKX has no series ${seriesId}.`)
  return {
    ...stream(market, shape),
    format: { ...format, id: `okx-ws-${market}-${shape.id}`, markets: [market] },
  }
}

/** Of every single trade; `trades` beside it adds up those of an order. */
function trades(market: (typeof ALL)[number]): LiveChannel {
  return likeRest(
    market,
    {
      ...{ id: 'trades', dataType: 'trades', address: 'business', channelOf: () => 'trades-all' },
      evidence: 'Recorded frames of spot and um; documentation of the all trades channel.',
    },
    market === 'spot' ? 'okx-trades' : 'okx-contract-trades',
  )
}

/** The last cell of a bar is 1 once it is closed. */
function bars(market: Market, id: string, dataType: DataType, word: string, seriesId: string): LiveChannel {
  const channelOf = ({ interval }: DatasetId): string | undefined => {
    const bar = interval === undefined ? undefined : OKX_INTERVALS[interval]
    return bar === undefined ? undefined : `${word}${bar}`
  }
  return likeRest(
    market,
    {
      ...{ id, dataType, address: 'business', channelOf },
      evidence: `Documentation of the ${word}s channel: confirm is 1 once a bar is closed; a frame of um in ccxt 4.5.84, pro/okx.js, handleOHLCV.`,
    },
    seriesId,
  )
}

/**
 * The best quotes, as often as each 10 ms. A frame without one of the sides is no quote. `seqId` is left out: it may
 * begin anew, and would then tell other rows to be the same.
 */
function bookTickers(market: (typeof ALL)[number]): LiveChannel {
  const sides: readonly (readonly [string, string])[] = [
    ['bids.0.0', 'bid_price'],
    ['bids.0.1', 'bid_size'],
    ['asks.0.0', 'ask_price'],
    ['asks.0.1', 'ask_size'],
  ]
  const unit = market === 'spot' ? 'base asset' : 'contracts'
  const format: PageFormat = {
    ...{ id: `okx-ws-${market}-book-tickers`, dataType: 'bookTicker', markets: [market] },
    ...{ rows: ['data'], shape: 'object', units: { bid_size: unit, ask_size: unit } },
    only: sides.map(([field]) => ({ field, anyOf: 'something' })),
    columns: [
      { name: 'ts', kind: 'time', to: 'ts_event' },
      { name: '$.arg.instId', kind: 'symbol' },
      ...sides.map(([name, to]): SourceColumn => ({ name, kind: 'decimal', to })),
    ],
  }
  const evidence = 'Recorded frames of all three markets; documentation of the order book channel bbo-tbt.'
  return {
    ...stream(market, { id: 'book-tickers', dataType: 'bookTicker', channelOf: () => 'bbo-tbt', evidence }),
    format,
  }
}

/** They come for all instruments of a kind at once, so the frame of several goes to every dataset that is in it. */
function liquidations(market: 'um' | 'cm'): LiveChannel {
  return {
    id: `okx-ws-${market}-liquidations`,
    dataType: 'liquidations',
    markets: [market],
    endpoint: {
      kind: 'websocket',
      url: ADDRESSES.public,
      subscribe: (datasets) =>
        [...new Set(datasets.map(kindOf))].map((instType) =>
          JSON.stringify({ op: 'subscribe', args: [{ channel: 'liquidation-orders', instType }] }),
        ),
      answer,
      ping: PING,
    },
    format: {
      id: `okx-ws-${market}-liquidations`,
      dataType: 'liquidations',
      markets: [market],
      rows: ['data', '*', 'details'],
      shape: 'object',
      only: [{ field: '$.data.*.instId', anyOf: 'symbol' }],
      columns: [
        { name: 'ts', kind: 'time', to: 'ts_event' },
        { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
        { name: 'sz', kind: 'decimal', to: 'original_size' },
        { name: 'bkPx', kind: 'decimal', to: 'price' },
      ],
      units: { original_size: 'contracts' },
    },
    topic: (dataset) =>
      okxMarket(dataset.symbol) === market
        ? { 'arg.channel': 'liquidation-orders', 'data.*.instId': dataset.symbol }
        : undefined,
    sample: true,
    evidence: `Documentation of the liquidation orders channel: at most one a second for each instrument, side is that of the order, sz counts contracts; a recorded frame of cm.`,
  }
}

/** A dated future ends in its day, all others here are perpetual. */
function kindOf({ symbol }: DatasetId): 'SWAP' | 'FUTURES' {
  return symbol.endsWith('-SWAP') ? 'SWAP' : 'FUTURES'
}

/** `{"event":"subscribe","arg":…}`, or an event of another name; `error` says why. */
function answer(frame: unknown): SubscriptionAnswer | undefined {
  if (typeof frame !== 'object' || frame === null || !('event' in frame)) return undefined
  if (frame.event === 'error') return { kind: 'refused', reason: JSON.stringify(frame) }
  return { kind: frame.event === 'subscribe' ? 'accepted' : 'other' }
}
