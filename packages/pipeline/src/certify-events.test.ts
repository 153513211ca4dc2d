import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type ObjectStore, parseDatasetId, parseInstant, parsePeriod, type TimeRange } from '@lake/core'
import { bybit } from '@lake/exchanges'
import { writePage } from '@lake/ingest-ccxt'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import type { Certificate } from '@lake/quality'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { certifyLake, defineLake, type Lake, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'
import { putRecording } from './testing/put-recording.ts'

/*
 * Certificates of rows that are not all there, or that have other ids elsewhere: what nobody promised to be the same is
 * not held against a source.
 */

let store: ObjectStore
let lake: Lake

beforeEach(() => {
  store = memoryStore()
  lake = defineLake({ lake: store })
})

async function run(source: ObjectStore, dataset: string): Promise<void> {
  expect((await runPipeline(lake, { source, datasets: [dataset], gold: [] })).failures).toEqual([])
}

async function certificateOf(label: string, source?: ObjectStore, of: Lake = lake): Promise<Certificate> {
  const { partitions, failures } = await certifyLake(of, source === undefined ? {} : { source })
  expect(failures).toEqual([])
  return partitions.find((one) => one.label === label)?.certificate ?? expect.fail(`no certificate of ${label}`)
}

/** The pairs that were compared, and whether they agree. */
const pairsOf = ({ comparisons }: Certificate): string[] =>
  comparisons.map(({ left, right, agrees, same }) => `${left} ${agrees ? '=' : '≠'} ${right} ${same}`)

describe('spot trades of Bybit, whose files number them from 1', () => {
  const DATASET = parseDatasetId('bybit/spot/trades/BTCUSDT')
  const [SATURDAY, SUNDAY] = ['2025-05-17', '2025-05-18']

  /** The trades of a day, one a second from one o'clock on: as the venue numbers them, then without. */
  const trade = (day: string, second: number, price = 100 + second) => ({
    ...{ id: 2_290_000_000_700_000_000n + BigInt(second), time: Date.parse(`${day}T01:00:00Z`) + second * 1000, price },
  })
  type Trade = ReturnType<typeof trade>
  const [saturday, sunday] = [SATURDAY, SUNDAY].map((day) => Array.from({ length: 5 }, (_, at) => trade(day, at)))

  async function archiveOf(files: Readonly<Record<string, readonly Trade[]>>): Promise<ObjectStore> {
    const archive = memoryStore()
    for (const [label, trades] of Object.entries(files)) {
      const key = bybit.archive?.key(DATASET, parsePeriod(label)) ?? expect.fail('bybit has an archive')
      const lines = trades.map(({ time, price }, row) => `${row + 1},${time},${price},0.5,sell,0`)
      await archive.put(key, gzipSync(`id,timestamp,price,volume,side,rpi\n${lines.join('\n')}\n`))
    }
    return archive
  }

  const days = async () => archiveOf({ [SATURDAY]: saturday ?? [], [SUNDAY]: sunday ?? [] })
  const daysAndMonth = async (month: readonly Trade[]) =>
    archiveOf({ [SATURDAY]: saturday ?? [], [SUNDAY]: sunday ?? [], '2025-05': month })

  /** What REST answers of a stretch: the same trades, numbered by execution. */
  async function putPage(range: TimeRange, trades: readonly Trade[]): Promise<void> {
    const list = trades.map(({ id, time, price }) => ({
      ...{ execId: String(id), symbol: 'BTCUSDT', price: String(price), size: '0.5', side: 'Sell' },
      ...{ time: String(time), isBlockTrade: false },
    }))
    const body = Buffer.from(JSON.stringify({ retCode: 0, result: { category: 'spot', list } }))
    const request = { method: 'bybit.publicGetV5MarketRecentTrade', parameters: {} }
    const envelope = {
      ...{ dataset: DATASET, series: 'bybit-trades', request, range },
      ...{ requestedAt: range.to, receivedAt: range.to, asOf: range.to, status: 200, headers: {} },
      sha256: createHash('sha256').update(body).digest('hex'),
    }
    await writePage(store, { envelope, body })
  }

  test('are not compared with REST by ids that mean something else, but where REST is all there is', async () => {
    const monday = [trade('2025-05-19', 0), trade('2025-05-19', 1)]
    const range = { from: parseInstant(SUNDAY), to: parseInstant('2025-05-19T02:00:00Z') }
    await putPage(range, [...(sunday ?? []), ...monday])
    await run(await days(), 'bybit/spot/trades/BTCUSDT')
    const certificate = await certificateOf(SUNDAY)
    expect(certificate.parts.map(({ name, rows }) => [name, rows])).toEqual([
      ['daily', 5],
      ['rest', 5],
      ['partition', 5],
    ])
    expect([certificate.verdict, pairsOf(certificate)]).toEqual(['uncompared', ['daily = partition 5']])
    expect(pairsOf(await certificateOf('2025-05-19'))).toEqual(['rest = partition 2'])
  })

  test('are compared with a recording where no file is, and nowhere else', async () => {
    const monday = [trade('2025-05-19', 0), trade('2025-05-19', 1)]
    const frames = [...(sunday ?? []), ...monday].map(({ id, time, price }) => {
      const data = [{ T: time, s: 'BTCUSDT', S: 'Sell', v: '0.5', p: String(price), L: 'PlusTick', i: String(id) }]
      return [time * 1000 + 50_000, { topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: time, data }] as const
    })
    const covered = [{ from: parseInstant(`${SUNDAY}T00:30:00Z`), to: parseInstant('2025-05-19T02:00:00Z') }]
    await putRecording(store, { dataset: DATASET, channel: 'bybit-ws-spot-trades', covered, frames })
    await run(await days(), 'bybit/spot/trades/BTCUSDT')
    expect(pairsOf(await certificateOf(SUNDAY))).toEqual(['daily = partition 5'])
    expect(pairsOf(await certificateOf('2025-05-19'))).toEqual(['live = partition 2'])
  })

  test('are the same in the file of a day and in that of its month, whose numbers go on', async () => {
    await run(await days(), 'bybit/spot/trades/BTCUSDT')
    const certificate = await certificateOf(SUNDAY, await daysAndMonth([...(saturday ?? []), ...(sunday ?? [])]))
    expect([certificate.verdict, pairsOf(certificate)]).toEqual([
      'agrees',
      ['monthly = daily 5', 'monthly = partition 5', 'daily = partition 5'],
    ])
  })

  test('differ where they do: in a price, or from the trade on that one of them lacks', async () => {
    await run(await days(), 'bybit/spot/trades/BTCUSDT')
    const other = [...(saturday ?? []), ...(sunday ?? []).map((one, at) => (at === 2 ? { ...one, price: 7 } : one))]
    const priced = await certificateOf(SUNDAY, await daysAndMonth(other))
    expect(priced.comparisons[0]).toMatchObject({ same: 4, differing: 1, differingColumns: { price: 1 } })
    const lacking = [...(saturday ?? []), ...(sunday ?? []).filter((_, at) => at !== 3)]
    const cut = await certificateOf(SUNDAY, await daysAndMonth(lacking))
    expect(cut.comparisons[0]).toMatchObject({ same: 3, differing: 1, onlyRight: 1, onlyLeft: 0 })
  })
})

test('trades of contracts of Bybit, whose ids are in no order, are certified as any other', async () => {
  const archive = memoryStore()
  const dataset = parseDatasetId('bybit/um/trades/BTCUSDT')
  const lines = ['cccccccc', '0ccccccc', '5ccccccc'].map(
    (start, second) =>
      `${1_585_180_700 + second},BTCUSDT,Buy,1,6698.5,PlusTick,${start}-0000-4000-8000-00000000ffff,0,0,0`,
  )
  const header = 'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional'
  const key = bybit.archive?.key(dataset, parsePeriod('2020-03-25')) ?? expect.fail('bybit has an archive')
  await archive.put(key, gzipSync([header, ...lines].join('\n')))
  await run(archive, 'bybit/um/trades/BTCUSDT')
  expect(pairsOf(await certificateOf('2020-03-25'))).toEqual(['daily = partition 3'])
})

describe('liquidations of Binance, of which its stream sends one a second at most', () => {
  const DATASET = parseDatasetId('binance/cm/liquidations/BTCUSD_PERP')
  const NOON = Date.parse('2024-03-05T12:00:00Z')

  test('are not missed in a recording, and certify nothing', async () => {
    const archive = memoryStore()
    const name = 'BTCUSD_PERP-liquidationSnapshot-2024-03-05'
    const lines = [0, 300, 600].map((millis) => `${NOON + millis},SELL,LIMIT,IOC,1,67934.2,68203.4,FILLED,1,1`)
    await publish(
      archive,
      `data/futures/cm/daily/liquidationSnapshot/BTCUSD_PERP/${name}.zip`,
      await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }]),
    )
    const order = {
      s: 'BTCUSD_PERP',
      S: 'SELL',
      o: 'LIMIT',
      f: 'IOC',
      q: '1',
      p: '67934.2',
      ap: '68203.4',
      X: 'FILLED',
    }
    const o = { ...order, l: '1', z: '1', T: NOON + 600 }
    const data = { e: 'forceOrder', E: NOON + 610, o }
    await putRecording(store, {
      ...{ dataset: DATASET, channel: 'binance-ws-cm-force-orders' },
      covered: [{ from: parseInstant('2024-03-05T11:00:00Z'), to: parseInstant('2024-03-05T13:00:00Z') }],
      frames: [[NOON * 1000 + 650_000, { stream: 'btcusd_perp@forceOrder', data }]],
    })
    await run(archive, 'binance/cm/liquidations/BTCUSD_PERP')
    const certificate = await certificateOf('2024-03-05')
    expect(certificate.parts.map(({ name: part, rows }) => [part, rows])).toEqual([
      ['daily', 3],
      ['live', 1],
      ['partition', 3],
    ])
    expect([certificate.verdict, pairsOf(certificate)]).toEqual(['uncompared', ['daily = partition 3']])
  })
})

describe('a recording that grows while it is certified', () => {
  const DATASET = parseDatasetId('binance/um/aggTrades/BTCUSDT')
  const at = (time: string): number => parseInstant(`2026-05-08T${time}Z`)

  /** A trade each minute of an hour. */
  async function record(hour: string, target: ObjectStore): Promise<void> {
    const from = at(`${hour}:00:00`)
    const frames = Array.from({ length: 60 }, (_, minute) => {
      const time = from / 1000 + minute * 60_000
      const id = time / 60_000
      const data = { e: 'aggTrade', E: time, s: 'BTCUSDT', a: id, p: '1', q: '2', f: id, l: id, T: time, m: true }
      return [time * 1000 + 1000, { stream: 'btcusdt@aggTrade', data }] as const
    })
    const covered = [{ from, to: from + 3_600_000_000 }]
    await putRecording(target, { dataset: DATASET, channel: 'binance-ws-um-agg-trades', covered, frames })
  }

  test('is certified as it was when its files were named, and anew by the next call', async () => {
    await record('10', store)
    const archive = memoryStore()
    const name = 'BTCUSDT-aggTrades-2026-05-08'
    const lines = Array.from({ length: 1440 }, (_, minute) => {
      const time = at('00:00:00') / 1000 + minute * 60_000
      return `${time / 60_000},1,2,${time / 60_000},${time / 60_000},${time},true`
    })
    await publish(
      archive,
      `data/futures/um/daily/aggTrades/BTCUSDT/${name}.zip`,
      await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }]),
    )
    await run(archive, 'binance/um/aggTrades/BTCUSDT')
    let isGrown = false
    const growing: ObjectStore = {
      url: store.url,
      list: (options) => store.list(options),
      head: async (key, options) => store.head(key, options),
      put: async (key, body, options) => store.put(key, body, options),
      delete: async (key, options) => store.delete(key, options),
      get: async (key, options) => {
        // Its files are named by now: the recorder finishes another one.
        if (key.startsWith('bronze/') && !isGrown) {
          isGrown = true
          await record('11', store)
        }
        return store.get(key, options)
      },
    }
    const certificate = await certificateOf('2026-05-08', undefined, defineLake({ lake: growing }))
    expect(isGrown).toBe(true)
    const live = ({ parts }: Certificate) => parts.find((part) => part.name === 'live')
    expect(live(certificate)).toMatchObject({ rows: 60, inputs: [{}] })
    expect(pairsOf(certificate)).toContain('daily = live 59')
    const next = await certificateOf('2026-05-08')
    expect(live(next)).toMatchObject({ rows: 120, inputs: [{}, {}] })
    expect(next.verdict).toBe('agrees')
  })
})
