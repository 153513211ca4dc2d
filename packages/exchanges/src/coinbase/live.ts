import type { LiveRules, SubscriptionAnswer } from '@lake/core'

/** What Coinbase Exchange sends live without a key: every trade, as `match`. */
export const coinbaseLive: LiveRules = {
  channels: [
    {
      ...{ id: 'coinbase-ws-trades', dataType: 'trades', markets: ['spot'] },
      endpoint: {
        kind: 'websocket',
        url: 'wss://ws-feed.exchange.coinbase.com',
        subscribe: (datasets) => [
          JSON.stringify({
            type: 'subscribe',
            product_ids: datasets.map(({ symbol }) => symbol),
            channels: ['matches'],
          }),
        ],
        answer,
        maxDatasets: 100,
      },
      format: {
        ...{ id: 'coinbase-ws-trades', dataType: 'trades', markets: ['spot'], rows: [], shape: 'single' },
        only: [{ field: 'type', anyOf: ['match'] }],
        columns: [
          { name: 'product_id', kind: 'symbol' },
          { name: 'time', kind: 'time', unit: 'text', to: 'ts_event' },
          { name: 'trade_id', kind: 'integer', to: 'trade_id' },
          { name: 'price', kind: 'decimal', to: 'price' },
          { name: 'size', kind: 'decimal', to: 'size' },
          // The side of the order that rested.
          { name: 'side', kind: 'word', words: { buy: 'sell', sell: 'buy' }, to: 'side' },
        ],
        units: { size: 'base asset' },
      },
      // A `last_match` answers the subscription: it happened before.
      topic: ({ symbol }) => ({ type: 'match', product_id: symbol }),
      evidence:
        'Recorded frames; documentation of the matches channel: side is the maker’s, and a recorded ticker names the other side for the same trade.',
    },
  ],
}

/** `{"type":"subscriptions",…}`, or an error with words. */
function answer(frame: unknown): SubscriptionAnswer | undefined {
  if (typeof frame !== 'object' || frame === null || !('type' in frame)) return undefined
  if (frame.type === 'subscriptions') return { kind: 'accepted' }
  return frame.type === 'error' ? { kind: 'refused', reason: JSON.stringify(frame) } : undefined
}
