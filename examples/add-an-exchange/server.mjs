// Harbor itself, on this machine. Its data is real, from the fixtures of the repository.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { parseDatasetId } from '@lake/core'
import { rowsFromArchive } from '@lake/ingest-ccxt/testing'
import { WebSocketServer } from 'ws'

const FIXTURES = new URL('../../fixtures/archive/data/', import.meta.url)
const BARS = 'spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-'
const TRADES = 'futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip'

/** @returns where it is, and `close()` */
export async function startHarbor() {
  const bars = await readBars('2020-01-02.zip')
  const trades = await readTrades()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1')
    if (url.pathname === '/v1/bars') {
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ bars: select(bars, url.searchParams) }))
      return
    }
    const day = /^\/archive\/bars\/BTCUSDT\/BTCUSDT-1m-(2020-01-01\.zip(?:\.CHECKSUM)?)$/.exec(url.pathname)?.[1]
    if (day === undefined) {
      response.writeHead(404).end()
      return
    }
    const bytes = await readFile(new URL(`${BARS}${day}`, FIXTURES))
    response.writeHead(200, { 'content-length': bytes.length }).end(request.method === 'HEAD' ? undefined : bytes)
  })
  const streams = new WebSocketServer({ server, path: '/v1/stream' })
  streams.on('connection', (socket) => {
    socket.on('message', (text) => {
      const { symbols } = JSON.parse(text)
      socket.send(JSON.stringify({ type: 'subscribed', symbols }))
      for (const trade of trades) socket.send(JSON.stringify({ type: 'trade', symbol: symbols[0], ...trade }))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    for (const socket of streams.clients) socket.terminate()
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
  }
  return { url: `http://127.0.0.1:${server.address().port}`, close }
}

function select(bars, query) {
  const [from, to, limit] = ['from', 'to', 'limit'].map((name) => Number(query.get(name)))
  return bars.filter(({ time }) => time >= from && time < to).slice(0, Math.min(limit, 500))
}

async function readBars(day) {
  const zip = await readFile(new URL(`${BARS}${day}`, FIXTURES))
  const [rows] = rowsFromArchive(zip, parseDatasetId('binance/spot/klines/BTCUSDT/1m'))
  return rows.texts.map((text) => {
    const [time, open, high, low, close, volume] = JSON.parse(text)
    return { time, open, high, low, close, volume }
  })
}

async function readTrades() {
  const zip = await readFile(new URL(TRADES, FIXTURES))
  const [rows] = rowsFromArchive(zip, parseDatasetId('binance/cm/aggTrades/BTCUSD_PERP'))
  return rows.texts.slice(0, 20).map((text) => {
    const { a, p, q, T, m } = JSON.parse(text)
    return { id: a, time: T, price: p, size: q, side: m ? 'sell' : 'buy' }
  })
}
