import type {
  DatasetId,
  DataType,
  LiveChannel,
  LiveRules,
  LiveStream,
  SubscriptionAnswer,
  SymbolSpelling,
} from '@lake/core'
import { KRAKEN_MINUTES } from './intervals.ts'

const CCXT = 'ccxt 4.5.84, pro/kraken.js'

/** Version 2 of the streams writes `BTC/USD` for what the files and REST call `XBTUSD`. */
const SPELLING: SymbolSpelling = { separator: '/', assets: { BTC: 'XBT', DOGE: 'XDG' } }

/** What Kraken quotes in; of those that end alike the longer one first. `XBTUSD` is in USD here, and nothing in TUSD. */
const QUOTES = [
  'USDT', 'USDC', 'USDG', 'USDQ', 'USDR', 'PYUSD', 'RLUSD', 'USD', 'EURQ', 'EURR', 'EUR', 'GBP', 'CAD', 'CHF', 'AUD', 'JPY', 'XBT',
  'ETH', 'DAI', 'DOT',
] as const // prettier-ignore

/**
 * What Kraken sends live, by version 2 of its streams. Frames alone are kept of
 *
 * - bars: they come with every trade, and none says that it is the last one of its bar
 * - the best quotes: the frames that are recorded have no time
 */
export const krakenLive: LiveRules = {
  channels: [trades()],
  rawStreams: [
    stream({
      ...{ id: 'klines', dataType: 'klines', channel: 'ohlc' },
      more({ interval }) {
        const minutes = interval === undefined ? undefined : KRAKEN_MINUTES[interval]
        return minutes === undefined ? undefined : { interval: minutes }
      },
      evidence: `Documentation of the ohlc channel: updates come with trades; the frame in ${CCXT}, handleOHLCV.`,
    }),
    stream({
      ...{ id: 'book-tickers', dataType: 'bookTicker', channel: 'ticker' },
      more: () => ({ event_trigger: 'bbo' }),
      evidence: `Documentation of the ticker channel: bbo is every change of the best quotes; the frame in ${CCXT}, handleTicker.`,
    }),
  ],
}

interface StreamShape {
  readonly id: string
  readonly dataType: DataType
  readonly channel: 'trade' | 'ohlc' | 'ticker'
  /** What else a subscription says; `undefined` for datasets that the channel does not have. */
  readonly more: (dataset: DatasetId) => Readonly<Record<string, string | number>> | undefined
  readonly evidence: string
}

/** One subscription a dataset, since the venue answers for each symbol. */
function stream({ id, dataType, channel, more, evidence }: StreamShape): LiveStream {
  return {
    ...{ id: `kraken-ws-${id}`, dataType, markets: ['spot'], spelling: SPELLING, evidence },
    endpoint: {
      ...{ kind: 'websocket', url: 'wss://ws.kraken.com/v2', answer, maxDatasets: 100 },
      ping: { message: '{"method":"ping"}', everyMicros: 30_000_000 },
      subscribe: (datasets) =>
        datasets.map((dataset) =>
          JSON.stringify({
            method: 'subscribe',
            params: { channel, symbol: [streamSymbol(dataset.symbol)], ...more(dataset) },
          }),
        ),
    },
    topic(dataset) {
      const symbol = streamSymbol(dataset.symbol)
      const rest = more(dataset)
      if (symbol === undefined || rest === undefined) return undefined
      const interval = rest['interval'] === undefined ? {} : { 'data.*.interval': String(rest['interval']) }
      return { channel, 'data.*.symbol': symbol, ...interval }
    },
  }
}

/** The newest fifty come at once with the subscription: they close the gap of a short break. */
function trades(): LiveChannel {
  return {
    ...stream({
      ...{ id: 'trades', dataType: 'trades', channel: 'trade' },
      more: () => ({}),
      evidence: `Documentation of the trade channel: side is the taker's, trade_id that of REST; the frame in ${CCXT}, handleTrades.`,
    }),
    format: {
      ...{ id: 'kraken-ws-trades', dataType: 'trades', markets: ['spot'], rows: ['data'], shape: 'object' },
      only: [{ field: 'symbol', anyOf: 'symbol', spelling: SPELLING }],
      columns: [
        { name: 'timestamp', kind: 'time', unit: 'text', to: 'ts_event' },
        { name: 'trade_id', kind: 'integer', to: 'trade_id' },
        { name: 'price', kind: 'decimal', to: 'price' },
        { name: 'qty', kind: 'decimal', to: 'size' },
        { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
      ],
      units: { size: 'base asset' },
    },
  }
}

/** `{"method":"subscribe","success":true,…}`, the same with an error, and `{"method":"pong",…}`. */
function answer(frame: unknown): SubscriptionAnswer | undefined {
  if (typeof frame !== 'object' || frame === null || !('method' in frame)) return undefined
  if ('success' in frame && frame.success === false) return { kind: 'refused', reason: JSON.stringify(frame) }
  if (frame.method !== 'subscribe') return { kind: 'other' }
  return 'success' in frame ? { kind: 'accepted' } : undefined
}

/** `XBTUSD` as `BTC/USD`; `undefined` when no known asset ends it. */
function streamSymbol(symbol: string): string | undefined {
  const quote = QUOTES.find((asset) => symbol.endsWith(asset) && symbol.length > asset.length)
  if (quote === undefined) return undefined
  return [symbol.slice(0, -quote.length), quote].map(streamAsset).join(SPELLING.separator)
}

function streamAsset(asset: string): string {
  return Object.entries(SPELLING.assets).find(([, own]) => own === asset)?.[0] ?? asset
}
