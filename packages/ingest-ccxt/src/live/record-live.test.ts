import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ExchangeAdapter, LakeError, type ObjectStore, parseDatasetId, type RawPage } from '@lake/core'
import { binance } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LiveEvent, readCoverage, readFrames, recordLive, type RecordOptions } from '../index.ts'
import { recordedFrames } from '../testing/recorded-frames.ts'
import { startVenue, type Venue } from '../testing/index.ts'

const LIQUIDATIONS = parseDatasetId('binance/um/liquidations/STGUSDT')
const TRADES = parseDatasetId('binance/um/aggTrades/BTCUSDT')
const FOREVER = { from: 0, to: Date.UTC(2100, 0) * 1000 }

let folder = ''
let venue: Venue
let target: ObjectStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-live-'))
  target = openStore('memory:')
  venue = await startVenue()
})

afterEach(async () => {
  await venue.close()
  await rm(folder, { recursive: true, force: true })
})

/** A recording that is under way. */
function record(change: Partial<RecordOptions> = {}) {
  const stop = new AbortController()
  const events: LiveEvent[] = []
  const report = recordLive({
    adapter: binance,
    datasets: [LIQUIDATIONS],
    target,
    spool: join(folder, 'spool'),
    baseUrl: venue.url.replace('http', 'ws'),
    signal: stop.signal,
    timing: { pingMicros: 50_000, stallMicros: 200_000 },
    random: () => 0.01,
    onEvent: (event) => events.push(event),
    ...change,
  })
  report.catch(() => undefined)
  return {
    events,
    report,
    stop: () => {
      stop.abort()
      return report
    },
    /** Waits until something happened so many times. */
    until: (kind: LiveEvent['kind'], times = 1) =>
      until(() => events.filter((one) => one.kind === kind).length >= times),
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 8000) throw new Error('it did not happen')
    await delay(5)
  }
}

const [stg = ''] = recordedFrames('stgusdt@forceOrder')
const [trade = ''] = recordedFrames('btcusdt@aggTrade')
const dataOf = (frame: string): string => frame.slice(frame.indexOf('"data":') + 7, -1)
const sendStg = () => venue.send({ stream: 'stgusdt@forceOrder', data: dataOf(stg) })

async function framesOf(dataset = LIQUIDATIONS, store = target): Promise<string[]> {
  const pages: RawPage[] = []
  // Recorded frames are of another day than that of their receipt: everything is read.
  const today = { from: Date.now() * 1000 - 86_400_000_000, to: Date.now() * 1000 + 86_400_000_000 }
  for await (const page of readFrames({ store, dataset, range: today })) pages.push(page)
  return pages.flatMap(({ body }) => Buffer.from(body).toString('utf8').split('\n').slice(0, -1))
}

const coverage = (dataset = LIQUIDATIONS, store = target) => {
  const now = Date.now() * 1000
  return readCoverage({ store, dataset, range: { from: now - 60_000_000, to: now + 60_000_000 } })
}

describe('recordLive', () => {
  test('keeps every frame byte for byte, and leaves nothing in the spool', async () => {
    const recording = record({ datasets: [LIQUIDATIONS, TRADES] })
    await recording.until('covered', 2)
    for (let sent = 0; sent < 3; sent++) sendStg()
    venue.send({ stream: 'btcusdt@aggTrade', data: dataOf(trade) })
    await delay(50)
    const report = await recording.stop()
    expect(report).toMatchObject({
      frames: 4,
      connections: 2,
      reconnects: 0,
      malformed: 0,
      unclaimed: 0,
      objects: 2,
      left: 0,
    })
    expect(report.datasets).toEqual([
      { id: 'binance/um/liquidations/STGUSDT', frames: 3, gaps: 0, wasCovered: true },
      { id: 'binance/um/aggTrades/BTCUSDT', frames: 1, gaps: 0, wasCovered: true },
    ])
    expect(await framesOf()).toEqual([stg, stg, stg])
    expect(await framesOf(TRADES)).toEqual([trade])
    expect(await readdir(join(folder, 'spool'))).toEqual([])
  })

  test('knows when it listened though nothing came', async () => {
    const before = Date.now() * 1000
    const recording = record()
    await recording.until('covered')
    await delay(300)
    await recording.stop()
    const { covered, gaps } = await coverage()
    expect(covered).toHaveLength(1)
    const [only = FOREVER] = covered
    expect(only.from).toBeGreaterThanOrEqual(before)
    expect(only.to - only.from).toBeGreaterThan(250_000)
    expect(gaps.map(({ reason }) => reason)).toEqual(['not recorded', 'stopped'])
  })

  test('answers pings of the venue', async () => {
    await using pinging = await startVenue({ pingMillis: 50 })
    const recording = record({ baseUrl: pinging.url.replace('http', 'ws') })
    await recording.until('covered')
    await until(() => (pinging.connections[0]?.pongs ?? 0) > 2)
    await recording.stop()
  })

  test('connects and subscribes again after a drop, and records the gap', async () => {
    const recording = record()
    await recording.until('covered')
    sendStg()
    await delay(30)
    venue.drop()
    await recording.until('covered', 2)
    sendStg()
    await delay(30)
    venue.drop(1001)
    await recording.until('covered', 3)
    const report = await recording.stop()
    expect(report).toMatchObject({ frames: 2, connections: 3, reconnects: 2 })
    for (const { gaps: lost } of report.datasets) expect(lost).toBe(2)
    const { covered, gaps } = await coverage()
    expect(covered).toHaveLength(3)
    expect(gaps.map(({ reason }) => reason)).toEqual([
      'not recorded',
      'the connection broke',
      'the venue closed with code 1001',
      'stopped',
    ])
  })

  test('gives up a connection that is silent, and covers it only as far as it was heard', async () => {
    const recording = record()
    await recording.until('covered')
    await delay(100)
    const frozenAt = Date.now() * 1000
    venue.freeze(true)
    await recording.until('ended')
    venue.freeze(false)
    await recording.until('covered', 2)
    await recording.stop()
    const { covered, gaps } = await coverage()
    expect(gaps.map(({ reason }) => reason)).toContain('the connection was silent')
    expect(covered[0]?.to ?? 0).toBeLessThan(frozenAt + 60_000)
  })

  test('records what is no JSON as a hole, and goes on', async () => {
    const recording = record()
    await recording.until('covered')
    venue.sendText('{"stream":"stgusdt@forceOrd')
    sendStg()
    await delay(50)
    const report = await recording.stop()
    expect(report).toMatchObject({ frames: 1, malformed: 1, connections: 1 })
    const { covered, gaps } = await coverage()
    expect(covered).toHaveLength(2)
    expect(gaps[1]).toMatchObject({ reason: 'a malformed frame' })
    expect((gaps[1]?.to ?? 0) - (gaps[1]?.from ?? 0)).toBe(1)
  })

  test('keeps frames with line ends, and counts those of nobody', async () => {
    const recording = record()
    await recording.until('covered')
    venue.sendText(stg.replace(',"data"', ',\r\n"data"'))
    venue.sendText('{"stream":"ethusdt@forceOrder","data":{}}')
    await delay(50)
    const report = await recording.stop()
    expect(report).toMatchObject({ frames: 1, unclaimed: 1 })
    expect((await framesOf()).map((frame) => JSON.parse(frame) as unknown)).toEqual([JSON.parse(stg)])
  })

  test('rotates by size: objects follow one another, and the coverage has no seam', async () => {
    const recording = record({ rotate: { bytes: 1000 } })
    await recording.until('covered')
    for (let sent = 0; sent < 40; sent++) {
      sendStg()
      await delay(40)
    }
    const report = await recording.stop()
    expect(report.frames).toBe(40)
    expect(report.objects).toBeGreaterThan(2)
    expect(await framesOf()).toHaveLength(40)
    expect((await coverage()).covered).toHaveLength(1)
  })

  test('keeps up with a burst', async () => {
    const recording = record({ datasets: [TRADES] })
    await recording.until('covered')
    const frame = { stream: 'btcusdt@aggTrade', data: dataOf(trade) }
    for (let sent = 0; sent < 20_000; sent++) {
      venue.send(frame)
      if (sent % 1000 === 0) await delay(1)
    }
    await delay(500)
    const report = await recording.stop()
    expect(report).toMatchObject({ frames: 20_000, slowDisk: 0, reconnects: 0 })
    expect(await framesOf(TRADES)).toHaveLength(20_000)
  })

  test('drops the connection rather than memory when the disk is too slow', async () => {
    const recording = record({ maxPendingBytes: 2000 })
    await recording.until('covered')
    for (let sent = 0; sent < 50; sent++) sendStg()
    await recording.until('slow-disk')
    await recording.until('covered', 2)
    sendStg()
    await delay(50)
    const report = await recording.stop()
    expect(report.slowDisk).toBeGreaterThan(0)
    expect(report.frames).toBeLessThan(51)
    const { gaps } = await coverage()
    expect(gaps.map(({ reason }) => reason)).toContain('the disk is too slow')
  })

  test('tries an upload again until the store takes it', async () => {
    let failures = 2
    const failing: ObjectStore = {
      ...target,
      url: target.url,
      list: (options) => target.list(options),
      get: (key, options) => target.get(key, options),
      head: (key, options) => target.head(key, options),
      delete: (key, options) => target.delete(key, options),
      put: (key, body, options) => {
        if (failures-- > 0) return Promise.reject(new LakeError('UNAVAILABLE', 'later'))
        return target.put(key, body, options)
      },
    }
    const recording = record({ target: failing })
    await recording.until('covered')
    sendStg()
    await delay(50)
    expect(await recording.stop()).toMatchObject({ retries: 2, objects: 1, left: 0 })
  })

  test('leaves in the spool what the store does not take in time, and puts it there at the next start', async () => {
    const closed: ObjectStore = {
      url: 'memory:',
      list: (options) => target.list(options),
      get: (key, options) => target.get(key, options),
      head: (key, options) => target.head(key, options),
      delete: (key, options) => target.delete(key, options),
      put: () => Promise.reject(new LakeError('UNAVAILABLE', 'later')),
    }
    const recording = record({ target: closed, stopMicros: 50_000 })
    await recording.until('covered')
    sendStg()
    await delay(50)
    expect(await recording.stop()).toMatchObject({ objects: 0, left: 1 })
    expect(await readdir(join(folder, 'spool'))).toHaveLength(1)
    const next = record()
    await next.until('covered')
    expect((await next.stop()).recovered).toEqual({ sessions: 1, frames: 1, objects: 1 })
    expect(await framesOf()).toEqual([stg])
    expect(await readdir(join(folder, 'spool'))).toEqual([])
  })

  test('stops when the spool is gone, and says so', async () => {
    const recording = record()
    await recording.until('covered')
    await rm(join(folder, 'spool'), { recursive: true })
    for (let sent = 0; sent < 3; sent++) sendStg()
    await expect(recording.report).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect.poll(() => venue.connections).toEqual([])
  })

  test('says so when the spool cannot be written', async () => {
    const spool = '/dev/null/spool'
    await expect(record({ spool }).report).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

describe('what a venue refuses', () => {
  const channel = binance.live?.channels.find(({ id }) => id === 'binance-ws-um-force-orders')
  const withEndpoint = (change: object): ExchangeAdapter => ({
    ...binance,
    live: {
      channels:
        channel?.endpoint.kind === 'websocket' ? [{ ...channel, endpoint: { ...channel.endpoint, ...change } }] : [],
    },
  })

  test('a subscription that was never accepted ends the recording', async () => {
    const adapter = withEndpoint({ subscribe: () => ['{"method":"WATCH","params":[],"id":1}'] })
    const error: unknown = await record({ adapter }).report.catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
    expect(String(error)).toContain('unknown variant')
  })

  test('a subscription without an answer is tried again', async () => {
    const adapter = withEndpoint({ answer: () => undefined })
    const recording = record({ adapter, timing: { connectMicros: 50_000 } })
    await recording.until('ended', 2)
    const report = await recording.stop()
    expect(report.connections).toBe(0)
    expect(recording.events[0]?.reason).toBe('connecting and subscribing took too long')
  })

  test('a venue without answers is covered once it was asked; it is pinged in its own way', async () => {
    const pings: string[] = []
    const adapter = withEndpoint({
      answer: undefined,
      ping: { message: '{"method":"LIST_SUBSCRIPTIONS","id":7}', everyMicros: 20_000 },
    })
    const recording = record({ adapter })
    await recording.until('covered')
    await delay(100)
    const report = await recording.stop()
    expect(report.unclaimed).toBeGreaterThan(2)
    expect(pings).toEqual([])
  })

  test('an address that is not there is tried again, and named', async () => {
    const adapter = withEndpoint({ url: 'wss://fstream.binance.com/nowhere' })
    const recording = record({ adapter })
    await recording.until('ended', 2)
    await recording.stop()
    expect(recording.events[0]).toMatchObject({ reason: 'the venue answered with HTTP 404' })
  })

  test.each([
    [451, 'BLOCKED_REGION'],
    [503, undefined],
  ])('HTTP %i instead of a connection', async (status, code) => {
    const server = createServer()
    server.on('upgrade', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\n\r\n`))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const recording = record({ baseUrl: `ws://127.0.0.1:${port}` })
    if (code === undefined) {
      await recording.until('ended', 2)
      expect((await recording.stop()).connections).toBe(0)
    } else await expect(recording.report).rejects.toMatchObject({ code })
    server.close()
  })

  test('nobody listens: the connection fails, and is tried again', async () => {
    const recording = record({ baseUrl: 'ws://127.0.0.1:9' })
    await recording.until('ended', 2)
    await recording.stop()
    expect(recording.events[0]?.reason).toContain('ECONNREFUSED')
  })

  test.each([
    [{ datasets: [] }, 'BAD_REQUEST'],
    [{ datasets: [parseDatasetId('binance/um/metrics/BTCUSDT')] }, 'UNSUPPORTED'],
    [{ datasets: [parseDatasetId('okx/um/liquidations/BTC-USDT-SWAP')] }, 'UNSUPPORTED'],
    [{ adapter: { id: 'binance' } }, 'UNSUPPORTED'],
  ])('what cannot be recorded is said before anything is opened: %#', async (change, code) => {
    await expect(record(change).report).rejects.toMatchObject({ code })
    expect(venue.connected).toBe(0)
  })
})
