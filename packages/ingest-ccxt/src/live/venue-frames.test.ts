import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ExchangeAdapter, type ObjectStore, parseDatasetId, type PageFormat } from '@lake/core'
import { readPageSlowly } from '@lake/core/testing'
import { bybit, kraken } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { readCoverage, readFrames, recordLive } from '../index.ts'

const FIXTURES = new URL('../../../exchanges/fixtures/', import.meta.url)
const FOREVER = { from: 0, to: Date.UTC(2100, 0) * 1000 }

let folder = ''
let target: ObjectStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-frames-'))
  target = openStore('memory:')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A server that answers each message by frames, and tells what it was sent. */
async function listen(answer: (message: unknown) => readonly string[]) {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  const received: unknown[] = []
  const paths: string[] = []
  sockets.on('connection', (socket, request) => {
    paths.push(request.url ?? '')
    socket.on('message', (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString())
      received.push(message)
      for (const frame of answer(message)) socket.send(frame)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    ...{ url: `ws://127.0.0.1:${port}`, received, paths },
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
    },
  }
}

/** Records until the venue has answered for every dataset. */
async function record(adapter: ExchangeAdapter, ids: readonly string[], venue: Awaited<ReturnType<typeof listen>>) {
  const stop = new AbortController()
  const recording = recordLive({
    ...{ adapter, target, baseUrl: venue.url, datasets: ids.map(parseDatasetId), spool: join(folder, 'spool') },
    signal: stop.signal,
  })
  const answered = async (): Promise<void> => {
    while (venue.received.length < ids.length) await delay(10)
    await delay(150)
  }
  await Promise.race([answered(), recording])
  stop.abort()
  return recording
}

/** The rows of a dataset's recording, read the slow way. */
async function rowsOf(id: string, format: PageFormat | undefined) {
  const dataset = parseDatasetId(id)
  const frames: string[] = []
  for await (const { body } of readFrames({ store: target, dataset, range: FOREVER })) {
    frames.push(...Buffer.from(body).toString().trimEnd().split('\n'))
  }
  if (format === undefined) return frames
  return frames.flatMap((frame) => readPageSlowly(frame, format, dataset.symbol))
}

test('kraken: a subscription for each symbol, and of a frame of several symbols the own rows', async () => {
  const recorded = await readFile(new URL('kraken/ws-trades.json', FIXTURES), 'utf8')
  const bars = await readFile(new URL('kraken/ws-klines.json', FIXTURES), 'utf8')
  const both = recorded.replace(/\[(.*)\]/, (_, row: string) => `[${row},${row.replace('MATIC/USD', 'BTC/USD').replace('4665906', '7')}]`) // prettier-ignore
  const venue = await listen((message) => {
    const { params } = message as { params: { channel: string; symbol: string[] } }
    const result = { channel: params.channel, symbol: params.symbol[0], snapshot: true }
    const accepted = JSON.stringify({ method: 'subscribe', result, success: true })
    const status = '{"channel":"status","type":"update","data":[{"api_version":"v2","system":"online"}]}'
    return [status, accepted, ...(params.channel === 'ohlc' ? [bars] : params.symbol[0] === 'BTC/USD' ? [both] : [])]
  })
  try {
    const [matic, bitcoin, candles] = ['kraken/spot/trades/MATICUSD', 'kraken/spot/trades/XBTUSD', 'kraken/spot/klines/MATICUSD/5m'] as const // prettier-ignore
    // A frame of two symbols is kept for both.
    expect((await record(kraken, [matic, bitcoin, candles], venue)).frames).toBe(3)
    expect(venue.paths).toEqual(['/v2', '/v2'])
    expect(venue.received).toEqual(
      expect.arrayContaining([
        { method: 'subscribe', params: { channel: 'trade', symbol: ['MATIC/USD'] } },
        { method: 'subscribe', params: { channel: 'trade', symbol: ['BTC/USD'] } },
        { method: 'subscribe', params: { channel: 'ohlc', symbol: ['MATIC/USD'], interval: 5 } },
      ]),
    )
    const format = kraken.live?.channels[0]?.format
    expect(await rowsOf(matic, format)).toMatchObject([{ trade_id: 4665906, price: 0.5117, size: 40, side: 'sell' }])
    expect(await rowsOf(bitcoin, format)).toMatchObject([{ trade_id: 7 }])
    expect(await rowsOf(candles, undefined)).toEqual([bars.trim()])
    expect((await readCoverage({ store: target, dataset: parseDatasetId(matic), range: FOREVER })).covered).toHaveLength(1) // prettier-ignore
  } finally {
    venue.close()
  }
})

test('kraken: a pair that it does not have ends the recording with its words', async () => {
  const refused =
    '{"error":"Currency pair not supported NO/USD","method":"subscribe","success":false,"symbol":"NO/USD"}'
  const venue = await listen(() => [refused])
  try {
    const recording = record(kraken, ['kraken/spot/trades/NOUSD'], venue)
    const error: unknown = await recording.catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
    expect(String(error)).toContain('not supported NO/USD')
  } finally {
    venue.close()
  }
})

test('bybit: a spot trade has the number live that it has over REST', async () => {
  const frame = await readFile(new URL('bybit/ws-spot-trades.json', FIXTURES), 'utf8')
  const venue = await listen(() => ['{"success":true,"ret_msg":"","op":"subscribe"}', frame])
  try {
    const id = 'bybit/spot/trades/ETHUSDT'
    expect((await record(bybit, [id], venue)).frames).toBe(1)
    const live = bybit.live?.channels.find((channel) => channel.id === 'bybit-ws-spot-trades')?.format
    const [row] = await rowsOf(id, live)
    expect(row).toMatchObject({ ts_event: 1786310821917000, price: 1923.28, size: 0.04537, side: 'sell' })
    const rest = bybit.rest?.series.find((series) => series.id === 'bybit-trades')?.format ?? expect.fail('no series')
    const page = `{"result":{"list":[{"execId":"2280000001739247417","symbol":"ETHUSDT","price":"1923.28","size":"0.04537","side":"Sell","time":"1786310821917"}]}}`
    expect(readPageSlowly(page, rest, 'ETHUSDT')).toEqual([row])
  } finally {
    venue.close()
  }
})
