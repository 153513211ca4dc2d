import { type DatasetId, type LiveChannel, parseDatasetId } from '@lake/core'
import { binance, bybit, okx } from '@lake/exchanges'
import { expect, test } from 'vitest'
import { planLive } from './plan-live.ts'
import { frameRouter } from './route-frames.ts'

const many = (count: number): DatasetId[] =>
  Array.from({ length: count }, (_, index) => parseDatasetId(`binance/um/liquidations/S${index}USDT`))

test('liquidations come first, each channel has its own connections, and no connection too many datasets', () => {
  const others = ['um/bookTicker/BTCUSDT', 'um/klines/BTCUSDT/1m', 'spot/trades/BTCUSDT', 'um/aggTrades/BTCUSDT']
  const groups = planLive(binance, [...others.map((id) => parseDatasetId(`binance/${id}`)), ...many(201)])
  expect(groups.map(({ channel, datasets }) => [channel.id, datasets.length])).toEqual([
    ['binance-ws-um-force-orders', 200],
    ['binance-ws-um-force-orders', 1],
    ['binance-ws-spot-trades', 1],
    ['binance-ws-um-agg-trades', 1],
    ['binance-ws-um-klines', 1],
    ['binance-ws-um-book-tickers', 1],
  ])
})

test('a dataset that is named twice is recorded once', () => {
  const [group] = planLive(binance, [...many(1), ...many(1)])
  expect(group?.datasets).toHaveLength(1)
})

test.each([
  [binance, 'binance/um/klines/BTCUSDT/1s'],
  [bybit, 'bybit/um/klines/BTCUSDT/8h'],
  [okx, 'okx/um/liquidations/BTC-USD-SWAP'],
  [{ id: 'binance' }, 'binance/um/klines/BTCUSDT/1m'],
])('what a venue does not send is refused: %o', (adapter, id) => {
  expect(() => planLive(adapter, [parseDatasetId(id)])).toThrow(`does not send ${id} live`)
})

function channelOf(channels: readonly LiveChannel[] | undefined, id: string): LiveChannel {
  const channel = (channels ?? []).find((one) => one.id === id)
  if (channel === undefined) throw new Error(`no channel ${id}`)
  return channel
}

test('a frame goes to every dataset that is in it', () => {
  const channel = channelOf(okx.live?.channels, 'okx-ws-um-liquidations')
  const ids = ['A-USDT-SWAP', 'B-USDT-SWAP', 'C-USDT-SWAP']
  const route = frameRouter(channel, ids.map((symbol) => parseDatasetId(`okx/um/liquidations/${symbol}`))) // prettier-ignore
  const frame = (...symbols: string[]) => ({
    arg: { channel: 'liquidation-orders' },
    data: symbols.map((instId) => ({ instId })),
  })
  expect(route(frame('C-USDT-SWAP', 'A-USDT-SWAP', 'X-USDT-SWAP', 'C-USDT-SWAP'))).toEqual([2, 0])
  expect(route(frame())).toEqual([])
  expect(route({ ...frame('A-USDT-SWAP'), arg: { channel: 'trades' } })).toEqual([])
  for (const other of [null, 'pong', 7, [], { data: null, arg: 1 }]) expect(route(other)).toEqual([])
})

test('a channel is not asked for what it does not have', () => {
  const channel = channelOf(okx.live?.channels, 'okx-ws-um-liquidations')
  expect(() => frameRouter(channel, [parseDatasetId('okx/cm/liquidations/BTC-USD-SWAP')])).toThrow('does not have')
})
