import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatasetId, parseTimeRange } from '@lake/core'
import { readPageSlowly } from '@lake/core/testing'
import { getExchange } from '@lake/exchanges'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createRateLimiter, createTransport, fetchRange } from './index.ts'

/*
 * Small servers that page as each venue does, asked through ccxt: every row must come, and within its page's range
 * exactly once.
 */

const folder = mkdtempSync(join(tmpdir(), 'lake-venues-'))
const stops: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const DAY = Date.parse('2024-02-28T00:00:00Z')
const MINUTE = 60_000
/** Two hours in which nothing happened, and minutes without a trade here and there. */
const minutes = Array.from({ length: 2880 }, (_, minute) => DAY + minute * MINUTE).filter(
  (time, minute) => (minute < 600 || minute >= 1320) && minute % 7 !== 3,
)

type Answer = (query: URLSearchParams, path: string) => unknown

async function serve(answer: Answer) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    asked.push(url.pathname)
    response.setHeader('content-type', 'application/json')
    const body = answer(url.searchParams, url.pathname)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const transport = createTransport({ baseUrl, credentials: () => undefined })
  stops.push(
    () => {
      server.closeAllConnections()
      server.close()
    },
    () => transport.close(),
  )
  return { transport, asked }
}

/** Event times of all rows that count, in milliseconds. */
async function timesOf(
  id: string,
  from: string,
  to: string,
  answer: Answer,
): Promise<{ times: number[]; requests: number }> {
  const { transport, asked } = await serve(answer)
  const dataset = parseDatasetId(id)
  const adapter = getExchange(dataset.exchange)
  const limiter = createRateLimiter({ folder: mkdtempSync(join(folder, 'budget-')) })
  const times: number[] = []
  for await (const { envelope, body } of fetchRange({
    adapter,
    dataset,
    range: parseTimeRange(from, to),
    transport,
    limiter,
  })) {
    const series = adapter.rest?.series.find((one) => one.id === envelope.series) ?? expect.fail('an unknown series')
    const rows = readPageSlowly(Buffer.from(body).toString(), series.format, dataset.symbol)
    const events = rows.map((row) => Number(row['ts_event']))
    times.push(
      ...events.filter((time) => time >= envelope.range.from && time < envelope.range.to).map((time) => time / 1000),
    )
  }
  return { times, requests: asked.length }
}

const inOrder = (times: readonly number[]): number[] => times.toSorted((a, b) => a - b)

test('bybit: pages of the newest bars up to an end, newest first', async () => {
  const { times, requests } = await timesOf('bybit/um/klines/BTCUSDT/1m', '2024-02-28', '2024-03-01', (query) => {
    const [end, limit] = [Number(query.get('end')), Number(query.get('limit'))]
    const page = minutes.filter((time) => time <= end).slice(-limit)
    const list = page.toReversed().map((time) => [String(time), '2', '3', '1', '2.5', '10', '25'])
    return { retCode: 0, retMsg: 'OK', result: { category: 'linear', symbol: 'BTCUSDT', list } }
  })
  expect(inOrder(times)).toEqual(minutes)
  expect(requests).toBeLessThan(8)
})

test('okx: pages of final bars before an end, newest first', async () => {
  const { times } = await timesOf('okx/um/klines/BTC-USDT-SWAP/1m', '2024-02-28', '2024-03-01', (query) => {
    const [after, limit] = [Number(query.get('after')), Number(query.get('limit'))]
    const page = minutes.filter((time) => time < after).slice(-limit)
    return {
      code: '0',
      msg: '',
      data: page.toReversed().map((time) => [String(time), '2', '3', '1', '2.5', '10', '1', '25', '1']),
    }
  })
  expect(inOrder(times)).toEqual(minutes)
})

test('coinbase: at most 300 bars between two times, none of them empty', async () => {
  const { times } = await timesOf('coinbase/spot/klines/BTC-USD/1m', '2024-02-28', '2024-03-01', (query, path) => {
    expect(path).toBe('/products/BTC-USD/candles')
    const [start, end] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')]
    if ((end - start) / MINUTE >= 300) return { message: 'granularity too small for the requested time range' }
    const page = minutes.filter((time) => time >= start && time <= end)
    return page.toReversed().map((time) => [time / 1000, 1, 3, 2, 2.5, 10])
  })
  expect(inOrder(times)).toEqual(minutes)
})

test('kraken: trades of a time, cursor by cursor, to the microsecond', async () => {
  const step = 731_234_700n
  const trades = Array.from({ length: 2500 }, (_, index) => ({
    id: index + 1,
    nanos: BigInt(DAY) * 1_000_000n + BigInt(index) * step,
  }))
  const id = 'kraken/spot/trades/XBTUSD'
  const { times, requests } = await timesOf(id, '2024-02-28', '2024-02-28T00:20:00Z', (query) => {
    const since = BigInt(query.get('since') ?? 0)
    const page = trades.filter(({ nanos }) => nanos > since).slice(0, 1000)
    // Seven decimals, of which a double keeps six.
    const rows = page.map((trade) => {
      const digits = String(trade.nanos)
      return `["60000.1","0.1",${digits.slice(0, -9)}.${digits.slice(-9, -2)},"b","m","",${trade.id}]`
    })
    return `{"error":[],"result":{"XXBTZUSD":[${rows.join(',')}],"last":"${page.at(-1)?.nanos ?? since}"}}`
  })
  const expected = trades.filter(({ nanos }) => nanos < BigInt(DAY + 1_200_000) * 1_000_000n)
  // The slow reader reads JSON's numbers, so its last digit may be one off.
  expect(new Set(times).size).toBe(expected.length)
  expect(requests).toBeLessThan(4)
})

test('kraken: the newest 720 bars, whatever is asked', async () => {
  const now = Math.floor(Date.now() / 3_600_000) * 3_600_000
  const hours = Array.from({ length: 720 }, (_, index) => now - (719 - index) * 3_600_000)
  const from = new Date(now - 10 * 3_600_000).toISOString()
  const { times } = await timesOf(
    'kraken/spot/klines/XBTUSD/1h',
    from,
    new Date(now + 3_600_000).toISOString(),
    () => ({
      error: [],
      result: { XXBTZUSD: hours.map((time) => [time / 1000, '2', '3', '1', '2.5', '2.2', '10', 5]), last: now / 1000 },
    }),
  )
  // The last one is not final.
  expect(times).toEqual(hours.slice(-11, -1))
})

test('coinbase: trades back in time, by ids, until the range is left', async () => {
  const trades = Array.from({ length: 4000 }, (_, index) => ({ id: index + 1, at: DAY + index * 1000 }))
  const { times, requests } = await timesOf(
    'coinbase/spot/trades/BTC-USD',
    '2024-02-28T00:30:00Z',
    '2024-02-28T00:40:00Z',
    (query) => {
      const after = Number(query.get('after') ?? Infinity)
      const page = trades.filter(({ id }) => id < after).slice(-1000)
      return page.toReversed().map(({ id, at }) => ({ trade_id: id, side: 'sell', size: '0.1', price: '60000', time: new Date(at).toISOString().replace('Z', '000Z') })) // prettier-ignore
    },
  )
  expect(inOrder(times)).toEqual(trades.slice(1800, 2400).map(({ at }) => at))
  expect(requests).toBe(3)
})
