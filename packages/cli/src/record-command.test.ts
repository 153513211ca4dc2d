import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startVenue } from '@lake/ingest-ccxt/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const LIQUIDATIONS = 'binance/um/liquidations/STGUSDT'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-record-command-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(argv: readonly string[], signal = new AbortController().signal) {
  const terminal = capturedTerminal()
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

/** A liquidation as Binance sends it, at a time in milliseconds. */
function forceOrder(time: number, price: string): string {
  const order = `"s":"STGUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"10.5","p":"${price}","ap":"${price}","X":"FILLED","l":"10.5","z":"10.5","T":${time}`
  return `{"e":"forceOrder","E":${time},"o":{${order}}}`
}

describe('lake record', () => {
  test('records until interrupted, and what was recorded is in SQL', async () => {
    await using venue = await startVenue()
    const stop = new AbortController()
    const argv = ['record', '--dataset', LIQUIDATIONS, '--venue-url', `binance=${venue.url}`, '--json']
    const recording = lake(argv, stop.signal)
    while (venue.connections.flatMap(({ streams }) => streams).length === 0) await delay(10)
    await delay(100)
    const now = Date.now()
    for (const [index, price] of ['0.25', '0.26'].entries()) {
      venue.send({ stream: 'stgusdt@forceOrder', data: forceOrder(now + index, price) })
    }
    await delay(600)
    stop.abort()
    const { code, out } = await recording
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ frames: 2, datasets: [{ id: LIQUIDATIONS, frames: 2 }], failures: [] })
    const rows = await lake([
      'sql',
      'select price, side, source from liquidations order by ts_event',
      '--format',
      'json',
    ])
    expect(JSON.parse(rows.out)).toEqual([
      { price: 0.25, side: 'sell', source: 'ws' },
      { price: 0.26, side: 'sell', source: 'ws' },
    ])
    // Nothing new, nothing to do.
    const again = await lake(['update', '--lake', 'file:./lake-data', '--json'])
    expect(JSON.parse(again.out)).toMatchObject({ datasets: [], failures: [] })
  })

  test('quotes without a time count when they came, and estimates stay frames', async () => {
    await using venue = await startVenue()
    const stop = new AbortController()
    const [quotes, funding] = ['binance/spot/bookTicker/BTCUSDT', 'binance/um/fundingRate/BTCUSDT']
    const argv = ['record', '--dataset', quotes, funding, '--venue-url', `binance=${venue.url}`, '--lake', 'quotes']
    const recording = lake([...argv, '--json'], stop.signal)
    while (venue.connections.flatMap(({ streams }) => streams).length < 2) await delay(10)
    await delay(100)
    const before = Date.now()
    const quote = '{"u":7488717758,"s":"BTCUSDT","b":"28621.74","B":"1.43","a":"28621.75","A":"2.52"}'
    venue.send({ stream: 'btcusdt@bookTicker', data: quote })
    const mark = `{"e":"markPriceUpdate","E":${before},"s":"BTCUSDT","p":"64991.3","i":"65016.0","P":"64980.0","r":"0.00003936","T":1786176000000}`
    venue.send({ stream: 'btcusdt@markPrice@1s', data: mark })
    await delay(600)
    stop.abort()
    const { code, out } = await recording
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ frames: 2, objects: 2, partitions: 1, failures: [] })
    for (const id of [quotes, funding]) expect(out).toMatch(new RegExp(`"id": ?"${id}",\\s*"frames": ?1`))
    const isNow = `epoch_ms(ts_event) between ${before} and ${Date.now()}`
    const query = `select ${isNow} as now, ts_event = ts_available as known, update_id, bid_price from book_tickers`
    const rows = await lake(['sql', query, '--format', 'json', '--lake', 'quotes'])
    expect(JSON.parse(rows.out)).toEqual([{ now: true, known: true, update_id: 7488717758, bid_price: 28621.74 }])
    const funded = await lake([
      'sql',
      'select count(*) as n from funding_rates',
      '--format',
      'json',
      '--lake',
      'quotes',
    ])
    expect(JSON.parse(funded.out)).toEqual([{ n: 0 }])
  })

  test('stops after a while when it is told to, and prints what it got', async () => {
    await using venue = await startVenue()
    const argv = ['record', '--dataset', LIQUIDATIONS, '--venue-url', `binance=${venue.url}`, '--for', '1s']
    const { code, out } = await lake([...argv, '--lake', 'other', '--spool', 'other-spool'])
    expect([code, out]).toEqual([0, expect.stringContaining(`${LIQUIDATIONS}: 0 frames, 0 gaps`)])
  })

  test('an absolute spool is where it says, and what no venue ever sent is no complete recording', async () => {
    const spool = join(folder, 'far/spool')
    const argv = ['record', '--dataset', LIQUIDATIONS, '--for', '1s', '--lake', 'nobody', '--spool', spool]
    const { code, out, err } = await lake([...argv, '--venue-url', 'binance=http://127.0.0.1:9'])
    expect([code, out]).toEqual([3, expect.stringContaining(`${LIQUIDATIONS}: never subscribed, so nothing is known`)])
    expect(err).toContain('ECONNREFUSED')
    expect((await readdir(join(folder, 'far'))).sort()).toEqual(['spool'])
  })

  test.each([
    [['--dataset', LIQUIDATIONS, 'kraken/spot/trades/XBTUSD'], /one exchange/],
    [['--dataset', 'binance/um/metrics/BTCUSDT'], /metrics/],
    [['--dataset', LIQUIDATIONS, '--for', 'ever'], /--for takes a time/],
  ])('refuses %j', async (wrong, message) => {
    const { code, err } = await lake(['record', ...wrong, '--lake', 'refused'])
    expect([code > 0, err]).toEqual([true, expect.stringMatching(message)])
  })
})
