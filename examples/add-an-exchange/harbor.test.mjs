import { describeExchange } from '@lake/core/testing'
import { defineHarbor } from './harbor.mjs'

const bars =
  '{"bars":[{"time":1577923200000,"open":"7200.77","high":"7200.99","low":"7193.11","close":"7194.87","volume":"13.1"}]}'
const trade =
  '{"type":"trade","symbol":"BTCUSDT","id":480537903,"time":1778198400020,"price":"79972.8","size":"542","side":"buy"}'

// Every promise of the contract, and that what Harbor sent is what harbor.mjs says.
describeExchange(defineHarbor('http://127.0.0.1:1'), {
  datasets: ['harbor/spot/klines/BTCUSDT/1m', 'harbor/spot/trades/BTCUSDT'],
  archiveKeys: ['bars/BTCUSDT/BTCUSDT-1m-2020-01-01.zip'],
  pages: [
    {
      ...{ series: 'harbor-bars', dataset: 'harbor/spot/klines/BTCUSDT/1m', body: bars, rows: 1 },
      first: { ts_event: 1_577_923_200_000_000, close: 7194.87, volume: 13.1 },
    },
  ],
  frames: [
    {
      ...{ channel: 'harbor-trades', dataset: 'harbor/spot/trades/BTCUSDT', body: trade, rows: 1 },
      first: { ts_event: 1_778_198_400_020_000, trade_id: 480537903, price: 79972.8, size: 542, side: 'buy' },
    },
  ],
})
