import type { DatasetId, LiveChannel, LiveRules, SubscriptionAnswer } from '@lake/core'
import { okxMarket } from './okx-market.ts'

/** The venue wants this text instead of the pings of the protocol, and closes what is silent for 30 seconds. */
const PING = { message: 'ping', everyMicros: 15_000_000, answer: 'pong' } as const

/**
 * What OKX sends live: liquidations. They come for all instruments of a kind at once, several in a frame, so the frame
 * of one goes to every dataset that is in it. Trades are not here: the public channel adds some of them up.
 */
export const okxLive: LiveRules = {
  channels: [liquidations('um'), liquidations('cm')],
}

function liquidations(market: 'um' | 'cm'): LiveChannel {
  return {
    id: `okx-ws-${market}-liquidations`,
    dataType: 'liquidations',
    markets: [market],
    endpoint: {
      kind: 'websocket',
      url: 'wss://ws.okx.com:8443/ws/v5/public',
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
    evidence:
      'Documentation of the liquidation orders channel: at most one a second for each instrument, side is that of the order, sz counts contracts; the frame in ccxt 4.5.84, pro/okx.js, handleLiquidation.',
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
