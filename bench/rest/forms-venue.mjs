// Venues for the forms of pages, in a process of their own, so that their work is not counted. Binance's is the local
// venue of the package; the others answer with the newest invented rows before a time, newest first, as they do.
import { createServer } from 'node:http'
import { startVenue } from '@lake/ingest-ccxt/testing'

const start = Date.UTC(2020, 0, 1)
const [MINUTE, ROWS, WINDOW] = [60_000, 42_000, 60_000]
const price = (row) => (40_000 + 1000 * Math.sin(row / 977)).toFixed(2)
const size = (row) => String(((row * 7919) % 100_000) / 1000)
const rows = (step, textOf) => {
  const times = Float64Array.from({ length: ROWS }, (_, row) => start + row * step)
  return { times, texts: Array.from(times, textOf) }
}

const bars = rows(MINUTE, (time, row) => {
  const [at, of] = [price(row), size(row)]
  return `[${time},"${at}","${at}","${at}","${at}","${of}",${time + 59_999},"${(of * 4e4).toFixed(5)}",${row % 900},"${of / 2}","${(of * 2e4).toFixed(5)}","0"]`
})
const trades = rows(
  1000,
  (time, row) => `{"a":${row},"p":"${price(row)}","q":"${size(row)}","f":${row * 2},"l":${row * 2 + 1},"T":${time},"m":${row % 2 === 0}}`, // prettier-ignore
)
const ids = Float64Array.from(trades.times, (_, row) => row)
const venue = await startVenue({
  rows: [
    { path: '/fapi/v1/klines', symbol: 'S0USDT', interval: '1m', ...bars },
    { path: '/fapi/v1/aggTrades', symbol: 'S0USDT', ...trades, ids },
  ],
  limits: { um: { weight: 1e12, windowMillis: WINDOW } },
})

const wrapped = {
  '/v5/market/kline': {
    ...{ step: MINUTE, before: 'end', offset: 1 },
    ...rows(MINUTE, (time, row) => `["${time}",${`"${price(row)}",`.repeat(4)}"${size(row)}","${(size(row) * 4e4).toFixed(5)}"]`), // prettier-ignore
    answer: (list) => `{"retCode":0,"retMsg":"OK","result":{"symbol":"S0USDT","category":"linear","list":[${list}]},"retExtInfo":{},"time":1672025956592}`, // prettier-ignore
  },
  '/api/v5/market/history-candles': {
    ...{ step: MINUTE, before: 'after', offset: 0 },
    ...rows(MINUTE, (time, row) => `["${time}",${`"${price(row)}",`.repeat(4)}"${size(row)}","${size(row)}","${(size(row) * 4e4).toFixed(5)}","1"]`), // prettier-ignore
    answer: (list) => `{"code":"0","msg":"","data":[${list}]}`,
  },
  '/api/v5/market/history-trades': {
    ...{ step: 1000, before: 'after', offset: 0 },
    ...rows(1000, (time, row) => `{"instId":"S0-USDT","side":"sell","sz":"${size(row)}","source":"0","px":"${price(row)}","tradeId":"${row}","ts":"${time}"}`), // prettier-ignore
    answer: (list) => `{"code":"0","msg":"","data":[${list}]}`,
  },
}
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1')
  const { step, before, offset, texts, answer } = wrapped[pathname]
  const end = Math.ceil((Number(searchParams.get(before)) + offset - start) / step)
  const page = texts.slice(Math.max(0, end - Number(searchParams.get('limit'))), Math.max(0, end)).reverse()
  response.setHeader('content-type', 'application/json').end(answer(page.join(',')))
})
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`
  process.send({ binance: venue.url, bybit: url, okx: url })
})
process.on('disconnect', () => process.exit())
