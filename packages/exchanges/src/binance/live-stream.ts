import type { DatasetId, LiveChannel, LiveStream, PageFormat, SubscriptionAnswer } from '@lake/core'

/** Where combined streams are; the streams of USD-margined markets are split between two addresses. */
const ADDRESSES = {
  spot: { market: 'wss://stream.binance.com:9443/stream', public: 'wss://stream.binance.com:9443/stream' },
  um: { market: 'wss://fstream.binance.com/market/stream', public: 'wss://fstream.binance.com/public/stream' },
  cm: { market: 'wss://dstream.binance.com/stream', public: 'wss://dstream.binance.com/stream' },
} as const

export type LiveMarket = keyof typeof ADDRESSES

/** The most streams of a connection, as ccxt has it; the venue allows 200 to 1024. */
const MAX_STREAMS = 200

export interface ChannelShape {
  readonly id: string
  readonly market: LiveMarket
  /** What follows the symbol in the name of a stream; `undefined` for datasets that have none. */
  readonly suffix: (dataset: DatasetId) => string | undefined
  readonly format: Pick<PageFormat, 'dataType' | 'rows' | 'columns' | 'only' | 'units'>
  readonly address?: 'public' | undefined
  readonly sample?: boolean | undefined
  readonly evidence: string
}

/** A stream whose frames hold rows. */
export function channel({ format, ...shape }: ChannelShape): LiveChannel {
  const { id, market } = shape
  return {
    ...stream({ ...shape, dataType: format.dataType }),
    format: { ...format, id: `binance-ws-${market}-${id}`, markets: [market], shape: 'single' },
  }
}

/** One of the combined streams: `{ stream, data }`. */
export function stream(shape: Omit<ChannelShape, 'format'> & Pick<LiveStream, 'dataType'>): LiveStream {
  const { id, market, suffix, dataType, address = 'market', sample, evidence } = shape
  const streamOf = (dataset: DatasetId): string | undefined => {
    const kind = suffix(dataset)
    return kind === undefined ? undefined : `${dataset.symbol.toLowerCase()}@${kind}`
  }
  return {
    id: `binance-ws-${market}-${id}`,
    dataType,
    markets: [market],
    endpoint: {
      kind: 'websocket',
      url: ADDRESSES[market][address],
      subscribe: (datasets) => [
        JSON.stringify({ method: 'SUBSCRIBE', params: datasets.flatMap((one) => streamOf(one) ?? []), id: 1 }),
      ],
      answer,
      maxDatasets: MAX_STREAMS,
    },
    topic: (dataset) => {
      const stream = streamOf(dataset)
      return stream === undefined ? undefined : { stream }
    },
    sample,
    evidence,
  }
}

/** `{"result":null,"id":1}`, or an error with a code and words. */
function answer(frame: unknown): SubscriptionAnswer | undefined {
  if (typeof frame !== 'object' || frame === null || 'stream' in frame || 'method' in frame) return undefined
  if ('result' in frame) return { kind: 'accepted' }
  if ('error' in frame) return { kind: 'refused', reason: JSON.stringify(frame.error) }
  return 'code' in frame && 'msg' in frame ? { kind: 'refused', reason: JSON.stringify(frame) } : undefined
}
