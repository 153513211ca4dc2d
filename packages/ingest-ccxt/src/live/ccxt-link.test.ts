import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ExchangeAdapter, type LiveChannel, parseDatasetId } from '@lake/core'
import { binance } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { startForwardProxy } from '@lake/storage/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type LiveEvent, readFrames, recordLive } from '../index.ts'
import { startVenue, type Venue } from '../testing/index.ts'

const LIQUIDATIONS = parseDatasetId('binance/um/liquidations/BTCUSDT')
const EVENT = '{"e":"forceOrder","E":1,"o":{"s":"BTCUSDT","S":"SELL","q":"0.036","p":"2694.06","T":1738661434384}}'

let folder = ''
let venue: Venue

/** ccxt wants to know all instruments before it watches one. */
const answers = Object.fromEntries(
  ['api/v3', 'fapi/v1', 'dapi/v1'].map((place) => {
    const name = `${place.replace('/', '_')}_exchangeInfo.json`
    const url = new URL(`../../../../fixtures/rest/binance/${name}`, import.meta.url)
    const recorded: unknown = JSON.parse(readFileSync(url, 'utf8'))
    const first: unknown = typeof recorded === 'object' && recorded !== null ? Reflect.get(recorded, 0) : undefined
    const data: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'data') : undefined
    return [`/${place}/exchangeInfo`, data]
  }),
)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-ccxt-live-'))
  venue = await startVenue({ answers })
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await venue.close()
  await rm(folder, { recursive: true, force: true })
})

/** Binance's liquidations as ccxt watches them: frames without the name of a stream. */
function watched(method: string, symbol = 'BTCUSDT'): ExchangeAdapter {
  const [channel] = (binance.live?.channels ?? []).filter(({ id }) => id === 'binance-ws-um-force-orders')
  if (channel === undefined) throw new Error('no liquidations')
  const watching: LiveChannel = {
    ...channel,
    id: 'binance-ccxt-um-force-orders',
    endpoint: { kind: 'ccxt', exchange: 'binance', method },
    topic: (dataset) => ({ 'o.s': dataset.symbol === symbol ? symbol : '' }),
  }
  return { ...binance, live: { channels: [watching] } }
}

function record(adapter: ExchangeAdapter, dataset = LIQUIDATIONS, url = venue.url) {
  const stop = new AbortController()
  const events: LiveEvent[] = []
  const target = openStore('memory:')
  const report = recordLive({
    ...{ adapter, datasets: [dataset], target, spool: join(folder, 'spool'), signal: stop.signal },
    baseUrl: url.replace('http', 'ws'),
    timing: { pingMicros: 200_000, stallMicros: 2_000_000 },
    random: () => 0.01,
    onEvent: (event) => events.push(event),
  })
  report.catch(() => undefined)
  return { stop, report, events, target }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error('it did not happen')
    await delay(20)
  }
}

test('frames that ccxt watches are kept as they came, and come again after a drop', async () => {
  const { stop, report, events, target } = record(watched('watchLiquidations'))
  const covered = (times: number) => () => events.filter(({ kind }) => kind === 'covered').length >= times
  await until(covered(1))
  expect(venue.send({ stream: 'btcusdt@forceOrder', data: EVENT })).toBe(1)
  await delay(100)
  venue.drop()
  await until(covered(2))
  venue.send({ stream: 'btcusdt@forceOrder', data: EVENT })
  await delay(100)
  stop.abort()
  expect(await report).toMatchObject({ frames: 2, connections: 2, reconnects: 1, left: 0 })
  expect(events.find(({ kind }) => kind === 'ended')?.reason).toContain('broke')
  const now = Date.now() * 1000
  const range = { from: now - 60_000_000, to: now + 60_000_000 }
  const bodies: string[] = []
  for await (const { body } of readFrames({ store: target, dataset: LIQUIDATIONS, range })) {
    bodies.push(Buffer.from(body).toString('utf8'))
  }
  expect(bodies.join('')).toBe(`${EVENT}\n${EVENT}\n`)
}, 60_000)

test('ccxt goes by the proxy that the environment names, for its pages and its streams', async () => {
  await using proxy = await startForwardProxy({ hosts: { 'venue.test': new URL(venue.url).host } })
  vi.stubEnv('NO_PROXY', '')
  vi.stubEnv('http_proxy', proxy.url)
  const { stop, report, events } = record(watched('watchLiquidations'), LIQUIDATIONS, 'http://venue.test')
  await until(() => events.some(({ kind }) => kind === 'covered'))
  stop.abort()
  expect(await report).toMatchObject({ reconnects: 0 })
  expect(proxy.requests.length).toBeGreaterThan(1)
  expect(new Set(proxy.requests)).toEqual(new Set(['CONNECT venue.test:80']))
}, 60_000)

test('a connection of ccxt that is silent is given up; what is no JSON is a hole', async () => {
  const { stop, report, events } = record(watched('watchLiquidations'))
  await until(() => events.some(({ kind }) => kind === 'covered'))
  venue.sendText('{"e":"forceOrd')
  await until(() => events.some(({ kind }) => kind === 'malformed'))
  venue.freeze(true)
  await until(() => events.some(({ kind }) => kind === 'ended'))
  stop.abort()
  expect(events.find(({ kind }) => kind === 'ended')?.reason).toBe('the connection was silent')
  expect(await report).toMatchObject({ malformed: 1 })
}, 60_000)

test.each([
  ['watchNothing', 'BTCUSDT', /no method watchNothing/],
  ['watchLiquidations', 'NOBODYUSDT', /does not know binance\/um\/liquidations\/NOBODYUSDT/],
])(
  'what ccxt cannot watch is said: %s %s',
  async (method, symbol, words) => {
    const dataset = parseDatasetId(`binance/um/liquidations/${symbol}`)
    const { stop, report, events } = record(watched(method, symbol), dataset)
    await until(() => events.some(({ kind }) => kind === 'ended'))
    stop.abort()
    await report.catch(() => undefined)
    expect(events[0]?.reason).toMatch(words)
  },
  60_000,
)
