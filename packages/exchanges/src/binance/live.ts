import type { Interval, LiveChannel, LiveRules, LiveStream, Market, SourceColumn } from '@lake/core'
import { channel, type LiveMarket, stream } from './live-stream.ts'

const FUTURES = ['um', 'cm'] as const
const ALL = ['spot', 'um', 'cm'] as const

const SYMBOL: SourceColumn = { name: 's', kind: 'symbol' }

/** A bar comes again and again while it grows; `x` says that it is closed. */
const CLOSED = [{ field: 'x', anyOf: ['true'] }] as const

const CCXT = 'ccxt 4.5.84, pro/binance.js'
const RECORDED = 'fixtures/frames/binance-um-2026-08-08.jsonl'

/**
 * What Binance sends live, by plain WebSockets to its combined streams: frames are then the venue's own bytes, and one
 * connection carries 200 symbols. `{ stream, data }` is what they all look like.
 *
 * - Liquidations are at most one, the latest, per symbol and second: a sample, never a total.
 * - Single trades of futures are not here: their stream mixes in trades of the insurance fund, unlike the archive.
 * - What `markPrice` sends is no row of funding rates, but an estimate until it is settled, and no bar of mark prices
 *   either: its frames are kept as they are.
 * - The best quotes of spot markets come without a time, and count when they were received.
 */
export const binanceLive: LiveRules = {
  channels: [
    ...FUTURES.map(forceOrders),
    ...ALL.map(aggTrades),
    spotTrades(),
    ...ALL.map(klines),
    priceKlines('markPriceKlines', 'markPriceKline'),
    priceKlines('indexPriceKlines', 'indexPriceKline'),
    ...FUTURES.map(bookTickers),
    spotBookTickers(),
  ],
  rawStreams: FUTURES.map(markPrices),
}

function forceOrders(market: 'um' | 'cm'): LiveChannel {
  return channel({
    id: 'force-orders',
    market,
    suffix: () => 'forceOrder',
    format: {
      dataType: 'liquidations',
      rows: ['data', 'o'],
      columns: [
        SYMBOL,
        { name: 'T', kind: 'time', to: 'ts_event' },
        { name: 'S', kind: 'word', words: { BUY: 'buy', SELL: 'sell' }, to: 'side' },
        { name: 'o', kind: 'text', to: 'order_type' },
        { name: 'f', kind: 'text', to: 'time_in_force' },
        { name: 'q', kind: 'decimal', to: 'original_size' },
        { name: 'p', kind: 'decimal', to: 'price' },
        { name: 'ap', kind: 'decimal', to: 'average_price' },
        { name: 'X', kind: 'text', to: 'status' },
        { name: 'l', kind: 'decimal', to: 'last_fill_size' },
        { name: 'z', kind: 'decimal', to: 'filled_size' },
      ],
      units: sizeUnits(market, ['original_size', 'last_fill_size', 'filled_size']),
    },
    sample: true,
    evidence: `Recorded frames in ${RECORDED}; documentation of Liquidation Order Streams; ${CCXT}, handleLiquidation.`,
  })
}

function aggTrades(market: LiveMarket): LiveChannel {
  const columns: SourceColumn[] = [
    SYMBOL,
    { name: 'a', kind: 'integer', to: 'agg_trade_id' },
    { name: 'p', kind: 'decimal', to: 'price' },
    { name: 'q', kind: 'decimal', to: 'size' },
    { name: 'f', kind: 'integer', to: 'first_trade_id' },
    { name: 'l', kind: 'integer', to: 'last_trade_id' },
    { name: 'T', kind: 'time', to: 'ts_event' },
    { name: 'm', kind: 'buyer-maker', to: 'side' },
  ]
  if (market === 'spot') columns.push({ name: 'M', kind: 'flag', to: 'is_best_match' })
  return channel({
    id: 'agg-trades',
    market,
    suffix: () => 'aggTrade',
    format: { dataType: 'aggTrades', rows: ['data'], columns, units: sizeUnits(market, ['size']) },
    evidence: `A recorded frame in ${RECORDED}; documentation of Aggregate Trade Streams; ${CCXT}, parseWsTrade.`,
  })
}

function spotTrades(): LiveChannel {
  return channel({
    id: 'trades',
    market: 'spot',
    suffix: () => 'trade',
    format: {
      dataType: 'trades',
      rows: ['data'],
      columns: [
        SYMBOL,
        { name: 't', kind: 'integer', to: 'trade_id' },
        { name: 'p', kind: 'decimal', to: 'price' },
        { name: 'q', kind: 'decimal', to: 'size' },
        { name: 'T', kind: 'time', to: 'ts_event' },
        { name: 'm', kind: 'buyer-maker', to: 'side' },
        { name: 'M', kind: 'flag', to: 'is_best_match' },
      ],
      units: sizeUnits('spot', ['size']),
    },
    evidence: `A recorded frame; documentation of Trade Streams; ${CCXT}, parseWsTrade.`,
  })
}

function barPrices(): SourceColumn[] {
  return [
    { name: 't', kind: 'time', to: 'ts_event' },
    { name: 'o', kind: 'decimal', to: 'open' },
    { name: 'h', kind: 'decimal', to: 'high' },
    { name: 'l', kind: 'decimal', to: 'low' },
    { name: 'c', kind: 'decimal', to: 'close' },
    { name: 'T', kind: 'time', to: 'close_time' },
  ]
}

function klines(market: LiveMarket): LiveChannel {
  const [base, quote] = market === 'cm' ? ['contracts', 'base asset'] : ['base asset', 'quote asset']
  return channel({
    id: 'klines',
    market,
    suffix: ({ interval }) => intervalSuffix('kline', interval, market),
    format: {
      dataType: 'klines',
      rows: ['data', 'k'],
      only: CLOSED,
      columns: [
        SYMBOL,
        ...barPrices(),
        { name: 'v', kind: 'decimal', to: 'volume' },
        { name: 'q', kind: 'decimal', to: 'quote_volume' },
        { name: 'n', kind: 'integer', to: 'trade_count' },
        { name: 'V', kind: 'decimal', to: 'taker_buy_volume' },
        { name: 'Q', kind: 'decimal', to: 'taker_buy_quote_volume' },
      ],
      units: { volume: base, quote_volume: quote, taker_buy_volume: base, taker_buy_quote_volume: quote },
    },
    evidence: `A recorded frame in ${RECORDED}; documentation of Kline Streams; ${CCXT}, handleOHLCV.`,
  })
}

/** Bars of the mark price and of the index, which only coin-margined markets send. */
function priceKlines(dataType: 'markPriceKlines' | 'indexPriceKlines', stream: string): LiveChannel {
  const symbol = dataType === 'markPriceKlines' ? SYMBOL : ({ name: '$.data.ps', kind: 'symbol' } as const)
  return channel({
    id: dataType === 'markPriceKlines' ? 'mark-klines' : 'index-klines',
    market: 'cm',
    suffix: ({ interval }) => intervalSuffix(stream, interval, 'cm'),
    format: { dataType, rows: ['data', 'k'], only: CLOSED, columns: [symbol, ...barPrices()] },
    evidence: `Documentation of Index and Mark Price Kline Streams of coin-margined markets; ${CCXT}, handleOHLCV.`,
  })
}

function bookTickers(market: 'um' | 'cm'): LiveChannel {
  return channel({
    id: 'book-tickers',
    market,
    address: 'public',
    suffix: () => 'bookTicker',
    format: {
      dataType: 'bookTicker',
      rows: ['data'],
      columns: [
        SYMBOL,
        { name: 'u', kind: 'integer', to: 'update_id' },
        { name: 'b', kind: 'decimal', to: 'bid_price' },
        { name: 'B', kind: 'decimal', to: 'bid_size' },
        { name: 'a', kind: 'decimal', to: 'ask_price' },
        { name: 'A', kind: 'decimal', to: 'ask_size' },
        { name: 'T', kind: 'time', to: 'transaction_time' },
        { name: 'E', kind: 'time', to: 'ts_event' },
      ],
      units: sizeUnits(market, ['bid_size', 'ask_size']),
    },
    evidence: `Recorded frames of both; documentation of Individual Symbol Book Ticker Streams of futures; the address from ${CCXT}, getFutureWsCategory.`,
  })
}

/** Without a time of any kind: what is known is when each was received. */
function spotBookTickers(): LiveChannel {
  return channel({
    id: 'book-tickers',
    market: 'spot',
    suffix: () => 'bookTicker',
    format: {
      dataType: 'bookTicker',
      rows: ['data'],
      columns: [
        { name: 'received', kind: 'received', to: 'ts_event' },
        SYMBOL,
        { name: 'u', kind: 'integer', to: 'update_id' },
        { name: 'b', kind: 'decimal', to: 'bid_price' },
        { name: 'B', kind: 'decimal', to: 'bid_size' },
        { name: 'a', kind: 'decimal', to: 'ask_price' },
        { name: 'A', kind: 'decimal', to: 'ask_size' },
      ],
      units: sizeUnits('spot', ['bid_size', 'ask_size']),
    },
    evidence: `A recorded frame; documentation of Individual Symbol Book Ticker Streams of spot markets.`,
  })
}

/** Mark price, index price, and the funding rate that is expected, each second. */
function markPrices(market: 'um' | 'cm'): LiveStream {
  return stream({
    id: 'mark-price',
    market,
    suffix: () => 'markPrice@1s',
    dataType: 'fundingRate',
    evidence: `Recorded frames; documentation of Mark Price Streams: r is an estimate until T.`,
  })
}

function sizeUnits(market: Market, columns: readonly string[]): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column, market === 'cm' ? 'contracts' : 'base asset']))
}

/** `kline_1m`; a calendar month is `1M`, and seconds are for spot markets. */
function intervalSuffix(stream: string, interval: Interval | undefined, market: Market): string | undefined {
  if (interval === undefined || (interval === '1s' && market !== 'spot')) return undefined
  return `${stream}_${interval === '1mo' ? '1M' : interval}`
}
