import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ArchiveRules,
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  parsePeriod,
  parseTimeRange,
  periodsIn,
  rangesOverlap,
} from '@lake/core'
import { countingStore } from '@lake/core/testing'
import { binance, bybit, defineBucketArchive, gate, kucoin, okx } from '@lake/exchanges'
import { fileStore, httpStore, memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { discoverArchive, type DiscoverOptions } from './discover-archive.ts'
import { probeTails } from './probe-tail.ts'
import type { IgnoredObject } from './read-entries.ts'
import { symbolMatcher } from './symbol-selector.ts'
import { serveArchive } from './testing/serve-archive.ts'

const IDS = [
  'binance/spot/klines/BTCUSDT/1m',
  'binance/spot/klines/BTCUSDT/1mo',
  'binance/spot/klines/币安人生USDT/1m',
  'binance/spot/trades/BTCFDUSD',
  'binance/um/klines/1000SHIBUSDT/1m',
  'binance/um/klines/AERGOUSDTSETTLEDSETTLED/1m',
  'binance/um/fundingRate/BTCUSDT',
  'binance/um/premiumIndexKlines/BTCUSDT/1h',
  'binance/cm/liquidations/BTCUSD_PERP',
  'binance/option/bvolIndex/BTCBVOLUSDT',
].map((id) => parseDatasetId(id))
const LABELS = ['2024-01', '2024-02', '2024-01-31', '2024-02-01', '2024-02-02']
const ALL = IDS.flatMap((dataset) => LABELS.map((label) => keyOf(binance, dataset, label)))

describe('discoverArchive of a whole archive', () => {
  const markets = fc.option(fc.subarray(['spot', 'um', 'cm', 'option'] as const, { minLength: 1 }), { nil: undefined })
  const dataTypes = fc.option(
    fc.subarray(['klines', 'trades', 'fundingRate', 'liquidations'] as const, { minLength: 1 }),
    { nil: undefined },
  )
  const intervals = fc.option(fc.subarray(['1m', '1h', '1mo'] as const, { minLength: 1 }), { nil: undefined })
  const symbols = fc.option(
    fc.constantFrom('BTC*', '*SETTLED', '1000*', '币安人生USDT', '*', '?TCUSDT', { quote: 'USDT' }, { quote: 'USD' }, [
      'BTCUSDT',
      '*FDUSD',
    ]),
    { nil: undefined },
  )
  const range = fc.option(
    fc.constantFrom(parseTimeRange('2024-01-31', '2024-02-01'), parseTimeRange('2024-02-01', '2024-02-02')),
    { nil: undefined },
  )

  test('finds what is in the scope, whatever the scope: as if every key were listed and tried', async () => {
    const source = await storeWith(ALL.flatMap((key, index) => (index % 3 === 0 ? [key] : [key, `${key}.CHECKSUM`])))
    await fc.assert(
      fc.asyncProperty(fc.record({ markets, dataTypes, intervals, symbols, range }), async (scope) => {
        const found = await discover({ adapter: binance, source, ...scope })
        const isSymbol = scope.symbols === undefined ? () => true : symbolMatcher(scope.symbols)
        const expected = ALL.filter((key) => {
          const { dataset, period } = rulesOf(binance).parseKey(key) ?? expect.fail('no data file')
          return (
            (scope.markets ?? [dataset.market]).some((market) => market === dataset.market) &&
            (scope.dataTypes ?? [dataset.dataType]).some((dataType) => dataType === dataset.dataType) &&
            isSymbol(dataset.symbol) &&
            (dataset.interval === undefined ||
              (scope.intervals ?? [dataset.interval]).some((one) => one === dataset.interval)) &&
            (scope.range === undefined || rangesOverlap(period, scope.range))
          )
        })
        expect(found.map(({ key }) => key).sort()).toEqual(expected.sort())
        for (const { key, checksumKey, size } of found) {
          expect(checksumKey).toBe(ALL.indexOf(key) % 3 === 0 ? undefined : `${key}.CHECKSUM`)
          expect(size).toBe(Buffer.byteLength(key))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('finds the same in a folder and over HTTP, page by page', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lake-scope-'))
    onTestFinished(async () => rm(root, { recursive: true }))
    const folder = fileStore({ root })
    for (const key of ALL) await folder.put(key, Buffer.from(key))
    const server = await serveArchive({ root, pageSize: 3 })
    onTestFinished(async () => server.close())
    const scope = { markets: ['um', 'spot'], symbols: '*USDT*', intervals: ['1m', '1mo'] } as const
    const expected = await keysOf({ adapter: binance, source: folder, ...scope })
    expect(expected).toHaveLength(6 * LABELS.length)
    const web = httpStore({ url: server.url, listingUrl: `${server.url}/data.binance.vision` })
    expect(await keysOf({ adapter: binance, source: web, ...scope })).toEqual(expected)
  })

  test('enters no folder that the scope rules out, and lists what is below at once when it rules nothing out', async () => {
    const { store, counts } = countingStore(await storeWith(ALL))
    await discover({ adapter: binance, source: store, markets: ['cm'] })
    // The root, data, data/futures, and daily and monthly of the coin-margined market, then each type as a whole.
    expect(counts.list.requests).toBe(8)
  })

  test('reports odd names and folders, and goes on', async () => {
    const odd = [
      'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-8.zip',
      'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-klines-2024-01-31.zip.CHECKSUM',
      'data/spot/daily/klines/BTCUSDT/1m/notes.txt',
    ]
    const source = await storeWith([
      ...ALL,
      ...odd,
      'logs/2024.txt',
      'data/spot/daily/newType/A/A-newType-2024-01-01.zip',
      'index.html',
    ])
    const ignored: IgnoredObject[] = []
    const found = await discover({
      adapter: binance,
      source,
      markets: ['spot'],
      onIgnored: (object) => ignored.push(object),
    })
    expect(found).toHaveLength(4 * LABELS.length)
    expect(ignored.map(({ key, why }) => `${why} ${key}`).sort()).toEqual([
      'foreign-folder data/spot/daily/newType/',
      'foreign-folder logs/',
      `foreign-name ${odd[2] ?? ''}`,
      `foreign-name ${odd[0] ?? ''}`,
      'foreign-name index.html',
      `orphan-checksum ${odd[1] ?? ''}`,
    ])
  })

  test('joins a checksum with its file when another name comes between', async () => {
    const [key = ''] = ALL
    const source = await storeWith([key, `${key}.BAK`, `${key}.CHECKSUM`, `${key}.CHECKSUM.BAK`])
    const [file, ...others] = await discover({ adapter: binance, source })
    expect(others).toEqual([])
    expect(file?.checksumKey).toBe(`${key}.CHECKSUM`)
    expect(file?.checksumEtag).toBe((await source.head(`${key}.CHECKSUM`))?.etag)
  })

  test('lets files of a dataset share its identity and files of a period the period', async () => {
    const found = await discover({ adapter: binance, source: await storeWith(ALL), markets: ['option'] })
    expect(new Set(found.filter(({ period }) => period.kind === 'day').map(({ dataset }) => dataset)).size).toBe(1)
    expect(new Set(found.map(({ period }) => period)).size).toBe(LABELS.length)
  })

  test('an adapter that reads no folders is listed from the root', async () => {
    const adapter = { id: 'binance', archive: { ...rulesOf(binance), readFolder: undefined } }
    const { store, counts } = countingStore(await storeWith(ALL))
    expect(await discover({ adapter, source: store, markets: ['cm'] })).toHaveLength(LABELS.length)
    expect(counts.list.requests).toBe(1)
  })

  test('refuses datasets together with a scope, and selectors that select nothing', async () => {
    const source = memoryStore()
    await expect(discover({ adapter: binance, source, datasets: IDS, markets: ['um'] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    await expect(discover({ adapter: binance, source, symbols: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(discover({ adapter: binance, source, symbols: '' })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('stops when aborted, and when nobody reads on', async () => {
    const source = await storeWith(ALL)
    const controller = new AbortController()
    const found = discoverArchive({ adapter: binance, source, signal: controller.signal })
    await found.next()
    controller.abort(new Error('enough'))
    await expect(drain(found)).rejects.toThrow('enough')
    for await (const _ of discoverArchive({ adapter: binance, source })) break
  })
})

describe('the tail that is not listed yet', () => {
  const DATASET = parseDatasetId('binance/um/klines/BTCUSDT/1m')
  const now = parsePeriod('2024-03-10').from + 3_600_000_000

  test('is asked for up to yesterday, and up to the last whole month', async () => {
    const listed = ['2024-01', '2024-03-01', '2024-03-02']
    const unlisted = ['2024-02', '2024-03-04', '2024-03-09', '2024-03-10']
    const { source, asked } = await staleSource(DATASET, listed, unlisted)
    const expected = [...listed, '2024-02', '2024-03-04', '2024-03-09'].sort()
    const byScope = await discover({ adapter: binance, source, markets: ['um'], now })
    expect(byScope.map(({ period }) => period.label).sort()).toEqual(expected)
    // One request a period for the checksum; today and this month are not asked for.
    expect(asked.filter((key) => key.endsWith('.CHECKSUM'))).toHaveLength(7 + 1)
    const byDataset = await discover({ adapter: binance, source, datasets: [DATASET], now })
    expect(byDataset.map(({ period }) => period.label)).toEqual([
      '2024-01',
      '2024-02',
      '2024-03-01',
      '2024-03-02',
      '2024-03-04',
      '2024-03-09',
    ])
    const found = byDataset.find(({ period }) => period.label === '2024-03-04')
    expect(found?.checksumKey).toBe(`${found?.key ?? ''}.CHECKSUM`)
    expect(found?.size).toBeGreaterThan(0)
  })

  test('keeps to the range, and to what is listed without a time', async () => {
    const { source, asked } = await staleSource(DATASET, ['2024-03-01'], ['2024-03-02', '2024-03-03'])
    const range = parseTimeRange('2024-03-01', '2024-03-03')
    expect(
      (await discover({ adapter: binance, source, markets: ['um'], range, now })).map(({ period }) => period.label),
    ).toEqual(['2024-03-01', '2024-03-02'])
    const before = asked.length
    expect(await discover({ adapter: binance, source, markets: ['um'] })).toHaveLength(1)
    expect(asked).toHaveLength(before)
  })

  test('is asked for from the start of the range of a dataset that is not listed at all', async () => {
    const { source } = await staleSource(DATASET, [], ['2024-03-02', '2024-02'])
    const range = parseTimeRange('2024-02-01', '2024-04-01')
    const found = await discover({ adapter: binance, source, datasets: [DATASET], range, now })
    expect(found.map(({ period }) => period.label)).toEqual(['2024-02', '2024-03-02'])
    expect(await discover({ adapter: binance, source, datasets: [DATASET], now })).toEqual([])
  })

  test('of a symbol that ended long ago is hardly asked for when others are listed further', async () => {
    const old = parseDatasetId('binance/um/klines/LUNAUSDT/1m')
    const { source, asked } = await staleSource(
      DATASET,
      ['2024-03-08'],
      ['2024-03-09'],
      [keyOf(binance, old, '2022-05-13')],
    )
    const found = await discover({ adapter: binance, source, now })
    expect(found.map(({ dataset, period }) => `${dataset.symbol} ${period.label}`).sort()).toEqual([
      'BTCUSDT 2024-03-08',
      'BTCUSDT 2024-03-09',
      'LUNAUSDT 2022-05-13',
    ])
    expect(asked.filter((key) => key.includes('LUNA'))).toHaveLength(2)
    // Unless the listing of that symbol alone is stale.
    const days = ['2022-05-14', '2022-05-15', '2022-05-16', '2022-05-17']
    const more = await staleSource(old, ['2022-05-13'], days, [keyOf(binance, DATASET, '2024-03-08')])
    expect(await discover({ adapter: binance, source: more.source, now })).toHaveLength(2 + days.length)
  })

  test('of a long time ends after some absences and a look at its end: few requests when nothing is there, all when something is', async () => {
    const stale = await staleSource(DATASET, ['2023-01-01'], [])
    await discover({ adapter: binance, source: stale.source, datasets: [DATASET], now })
    // Ten days and three months in a row, and the last three of each.
    expect(stale.asked).toHaveLength(10 + 3 + 3 + 3)
    const days = periodsIn('day', parseTimeRange('2023-01-02', '2024-03-10')).map(({ label }) => label)
    const alive = await staleSource(DATASET, ['2023-01-01'], days)
    expect(await discover({ adapter: binance, source: alive.source, datasets: [DATASET], now })).toHaveLength(
      1 + days.length,
    )
  })

  test('has months that are not listed of what is listed by day, where others of its kind have months', async () => {
    const other = parseDatasetId('binance/um/klines/ETHUSDT/1m')
    const metrics = parseDatasetId('binance/um/metrics/ETHUSDT')
    const others = [keyOf(binance, metrics, '2024-01-30'), keyOf(binance, DATASET, '2024-01')]
    const months = await staleSource(other, ['2024-01-05', '2024-03-09'], ['2024-01', '2024-02'], others)
    const found = await discover({ adapter: binance, source: months.source, now })
    const ofOther = found.filter(({ dataset }) => formatDatasetId(dataset) === formatDatasetId(other))
    expect(ofOther.map(({ period }) => period.label).sort()).toEqual(['2024-01', '2024-01-05', '2024-02', '2024-03-09'])
    expect(months.asked.some((key) => key.includes('monthly/metrics'))).toBe(false)
  })

  test('ends where the search has asked for enough, and says where', async () => {
    const { source, asked } = await staleSource(DATASET, ['2024-03-01'], ['2024-03-02', '2024-03-05'])
    const ignored: IgnoredObject[] = []
    const tails = [{ dataset: DATASET, kind: 'day', listedTo: parsePeriod('2024-03-01').to }] as const
    const rules = binance.archive
    if (rules === undefined) throw new Error('no archive')
    const budget = { left: 3 }
    const found: string[] = []
    const options = { rules, source, now, budget, onIgnored: (entry: IgnoredObject) => ignored.push(entry) }
    for await (const { period } of probeTails(options, tails)) found.push(period.label)
    expect(found).toEqual(['2024-03-02'])
    expect(asked.filter((key) => key.endsWith('.CHECKSUM'))).toHaveLength(3)
    expect(ignored).toEqual([{ key: keyOf(binance, DATASET, '2024-03-05'), why: 'not-probed' }])
  })

  test('asks at most eight at once, over many datasets too', async () => {
    const datasets = Array.from({ length: 20 }, (_, index) => parseDatasetId(`binance/um/trades/A${index}USDT`))
    const inner = await storeWith(datasets.map((dataset) => keyOf(binance, dataset, '2024-03-01')))
    let running = 0
    let most = 0
    const source: ObjectStore = {
      ...inner,
      head: async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return undefined
      },
    }
    expect(await discover({ adapter: binance, source, now })).toHaveLength(20)
    expect(most).toBeLessThanOrEqual(8)
    expect(most).toBeGreaterThan(1)
  })
})

describe('archives of other venues', () => {
  test('kucoin: a bucket, whose MD5 checksums are marked as such', async () => {
    const ids = ['kucoin/um/klines/BTCUSDTM/1m', 'kucoin/spot/trades/BTCUSDT'].map((id) => parseDatasetId(id))
    const keys = ids.map((dataset) => keyOf(kucoin, dataset, '2025-01-01'))
    const book = 'data/spot/daily/depth/orderbooklv50/BTC-USDT/BTC-USDT-orderbooklv50-2025-01-01.zip'
    const ignored: IgnoredObject[] = []
    const source = await storeWith([...keys, ...keys.map((key) => `${key}.CHECKSUM`), book])
    const found = await discover({ adapter: kucoin, source, onIgnored: (object) => ignored.push(object) })
    expect(found.map(({ dataset }) => formatDatasetId(dataset)).sort()).toEqual(ids.map(formatDatasetId).sort())
    expect(found.map(({ checksumAlgorithm }) => checksumAlgorithm)).toEqual(['md5', 'md5'])
    expect(ignored).toEqual([{ key: 'data/spot/daily/depth/', why: 'foreign-folder' }])
  })

  test('bybit: pages of folders, of which only those in the scope are asked for; sizes are asked for one by one', async () => {
    const files = ['trading/BTCUSDT/BTCUSDT2024-01-01.csv.gz', 'trading/BTCUSD/BTCUSD2024-01-01.csv.gz', 'trading/BTCUSDT/README.txt',
      'spot/BTCUSDT/BTCUSDT_2024-01-01.csv.gz', 'spot/BTCUSDT/BTCUSDT-2023-12.csv.gz', 'premium_index/A/A2020-01-01_premium_index.csv.gz'] // prettier-ignore
    const { url, asked } = await serveIndex(files, ['trading/BTCUSDT/BTCUSDT2024-01-02.csv.gz'])
    const ignored: IgnoredObject[] = []
    const source = httpStore({ url })
    const scope = { symbols: '*USDT', markets: ['um'], dataTypes: ['trades'] } as const
    const found = await discover({ adapter: bybit, source, ...scope, onIgnored: (object) => ignored.push(object) })
    expect(found).toEqual([expect.objectContaining({ key: files[0], size: Buffer.byteLength(files[0] ?? '') })])
    expect(asked.filter((path) => path.endsWith('/'))).toEqual(['/', '/trading/', '/trading/BTCUSDT/'])
    expect(ignored).toEqual([
      { key: 'premium_index/', why: 'foreign-folder' },
      { key: 'trading/BTCUSDT/README.txt', why: 'foreign-name' },
      { key: 'trading/BTCUSDT/BTCUSDT2024-01-02.csv.gz', why: 'absent' },
    ])
    const datasets = [parseDatasetId('bybit/spot/trades/BTCUSDT'), parseDatasetId('bybit/spot/trades/NONEUSDT')]
    const before = asked.length
    const byDataset = await discover({ adapter: bybit, source, datasets, sizes: false })
    expect(byDataset.map(({ period, size }) => [period.label, size])).toEqual([
      ['2023-12', 0],
      ['2024-01-01', 0],
    ])
    expect(asked.slice(before)).toEqual(['/spot/BTCUSDT/', '/spot/NONEUSDT/'])
  })

  test('bybit: all sizes of a long page are asked for; the tail is that of files without checksums', async () => {
    const days = periodsIn('day', parseTimeRange('2024-01-01', '2024-05-01')).map(({ label }) => label)
    const files = days.map((day) => `trading/BTCUSD/BTCUSD${day}.csv.gz`)
    const unlisted = 'trading/BTCUSD/BTCUSD2024-05-01.csv.gz'
    const { url } = await serveIndex(files, [])
    const web = httpStore({ url })
    const head: ObjectStore['head'] = async (key) =>
      key === unlisted ? { key, size: 5, etag: '', lastModified: 0 } : web.head(key)
    const now = parsePeriod('2024-05-03').from
    const found = await discover({ adapter: bybit, source: { ...web, head }, markets: ['cm'], now })
    expect(found.map(({ key }) => key)).toEqual([...files, unlisted])
    expect(found.every(({ size, checksumKey }) => size > 0 && checksumKey === undefined)).toBe(true)
  })

  test('bybit: a mirror in a folder lists itself', async () => {
    const source = await storeWith(['trading/BTCUSD/BTCUSD2024-01-01.csv.gz', 'spot/BTCUSDT/BTCUSDT-2023-12.csv.gz'])
    const found = await discover({ adapter: bybit, source, markets: ['cm'] })
    expect(found.map(({ dataset }) => formatDatasetId(dataset))).toEqual(['bybit/cm/trades/BTCUSD'])
  })

  test('okx: an API that names files; a range is needed', async () => {
    const dataset = parseDatasetId('okx/um/trades/BTC-USDT-SWAP')
    const keys = ['2024-01-01', '2024-01-02', '2024-01'].map((label) => keyOf(okx, dataset, label))
    const other = keyOf(okx, parseDatasetId('okx/um/trades/ETH-USDT-SWAP'), '2024-01-01')
    const inner = await storeWith([...keys, other])
    const source = { ...inner, url: rulesOf(okx).url }
    const asked: URL[] = []
    const askPage = async (page: string): Promise<string> => {
      const url = new URL(page)
      asked.push(url)
      const isMonthly = url.searchParams.get('dateAggrType') === 'monthly'
      const urls = [...keys, other]
        .filter((key) => key.includes('/monthly/') === isMonthly)
        .map((key) => ({ url: `${source.url}/${key}` }))
      return JSON.stringify({
        code: '0',
        data: [{ details: [{ groupDetails: url.searchParams.get('instType') === 'SWAP' ? urls : [] }] }],
      })
    }
    const range = parseTimeRange('2024-01-01', '2024-01-02')
    const found = await discover({ adapter: okx, source, askPage, datasets: [dataset], range })
    // The 1st starts at 16:00Z of the day before, so a part of the 2nd is in the range too.
    expect(found.map(({ period, size }) => [period.label, size])).toEqual([
      ['2024-01', Buffer.byteLength(keys[2] ?? '')],
      ['2024-01-01', Buffer.byteLength(keys[0] ?? '')],
      ['2024-01-02', Buffer.byteLength(keys[1] ?? '')],
    ])
    expect(asked.every(({ origin }) => origin === 'https://www.okx.com')).toBe(true)
    const byScope = await discover({
      adapter: okx,
      source,
      askPage,
      markets: ['um'],
      dataTypes: ['trades'],
      symbols: 'ETH*',
      range,
    })
    expect(byScope.map(({ key }) => key)).toEqual([other])
    await expect(discover({ adapter: okx, source, askPage })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { field: 'range' },
    })
    await expect(discover({ adapter: okx, source, askPage, datasets: [dataset] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('gate: asks for each name that the symbols and the range could have', async () => {
    const ids = ['gate/spot/trades/BTC_USDT', 'gate/um/klines/BTC_USDT/1h'].map((id) => parseDatasetId(id))
    const fine = parseDatasetId('gate/spot/klines/BTC_USDT/1m')
    const mirror = await storeWith([
      ...ids.map((dataset) => keyOf(gate, dataset, '2024-01')),
      keyOf(gate, fine, '2024-01-31'),
    ])
    const source = { ...mirror, url: 'https://download.gatedata.org/' }
    const range = parseTimeRange('2024-01-01', '2024-02-01')
    const found = await discover({ adapter: gate, source, symbols: ['BTC_USDT'], range })
    expect(found.map(({ dataset }) => formatDatasetId(dataset)).sort()).toEqual(
      [...ids, fine].map(formatDatasetId).sort(),
    )
    expect(await discover({ adapter: gate, source, datasets: ids, range })).toHaveLength(2)
    for (const [options, field] of [
      [{ symbols: ['BTC_USDT'] }, 'range'],
      [{ range, symbols: 'BTC*' }, 'symbols'],
      [{ range }, 'symbols'],
    ] as const) {
      await expect(discover({ adapter: gate, source, ...options })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        details: { field },
      })
    }
    // A mirror in a folder or a bucket lists itself.
    expect(await discover({ adapter: gate, source: mirror, symbols: 'BTC*' })).toHaveLength(3)
  })

  test('a web server without a listing is asked like one that never lists', async () => {
    const dataset = parseDatasetId('binance/um/fundingRate/BTCUSDT')
    const server = await serveArchive({
      store: await storeWith([keyOf(binance, dataset, '2024-01')]),
      hasListing: false,
    })
    onTestFinished(async () => server.close())
    const scope = { markets: ['um'], dataTypes: ['fundingRate'], symbols: ['BTCUSDT'] } as const
    const range = parseTimeRange('2024-01-01', '2024-02-01')
    const source = httpStore({ url: server.url })
    expect(await keysOf({ adapter: binance, source, ...scope, range })).toEqual([keyOf(binance, dataset, '2024-01')])
    await expect(discover({ adapter: binance, source, ...scope })).rejects.toThrow('give --from and --to')
  })

  test("anybody's own bucket, described in a few lines", async () => {
    const desk = defineBucketArchive({
      id: 'desk',
      url: 's3://desk',
      layouts: ['{market}/{dataType}/{symbol}_{yyyymmdd}.csv.gz'],
      words: { dataTypes: { trades: 'ticks' } },
      checksumSuffix: '.sha256',
    })
    const source = await storeWith([
      'spot/ticks/BTC_20240131.csv.gz',
      'spot/ticks/BTC_20240131.csv.gz.sha256',
      'spot/ticks/ETH_20240131.csv.gz',
      'spot/quotes/ETH_20240131.csv.gz',
    ])
    // A folder with so many files is listed as a whole.
    const days = periodsIn('day', parseTimeRange('2020-01-01', '2023-01-01')).map(({ label }) =>
      label.replaceAll('-', ''),
    )
    const many = await storeWith(
      ['A', 'B'].flatMap((symbol) => days.map((day) => `spot/ticks/${symbol}_${day}.csv.gz`)),
    )
    expect(await discover({ adapter: desk, source: many, symbols: 'B*' })).toHaveLength(days.length)
    const [file, ...others] = await discover({ adapter: desk, source, symbols: 'B*' })
    expect(others).toEqual([])
    expect(file).toMatchObject({
      dataset: parseDatasetId('desk/spot/trades/BTC'),
      period: { label: '2024-01-31' },
      checksumKey: 'spot/ticks/BTC_20240131.csv.gz.sha256',
    })
  })
})

async function discover(options: DiscoverOptions): Promise<ArchiveFile[]> {
  const found: ArchiveFile[] = []
  for await (const file of discoverArchive(options)) found.push(file)
  return found
}

async function keysOf(options: DiscoverOptions): Promise<string[]> {
  return (await discover(options)).map(({ key }) => key)
}

async function drain(files: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of files);
}

function rulesOf({ archive }: ExchangeAdapter): ArchiveRules {
  return archive ?? expect.fail('it has an archive')
}

function keyOf(adapter: ExchangeAdapter, dataset: DatasetId, label: string): string {
  return rulesOf(adapter).key(dataset, parsePeriod(label)) ?? expect.fail('it has no such files')
}

async function storeWith(keys: readonly string[]): Promise<ObjectStore> {
  const store = memoryStore()
  for (const key of keys) await store.put(key, Buffer.from(key))
  return store
}

/** A source that has more than it lists; tells what its head was asked for. */
async function staleSource(
  dataset: DatasetId,
  listed: readonly string[],
  unlisted: readonly string[],
  others: readonly string[] = [],
): Promise<{ readonly source: ObjectStore; readonly asked: string[] }> {
  const withChecksum = (label: string): string[] => [
    keyOf(binance, dataset, label),
    `${keyOf(binance, dataset, label)}.CHECKSUM`,
  ]
  const listing = await storeWith([...listed.flatMap(withChecksum), ...others])
  const all = await storeWith([...listed, ...unlisted].flatMap(withChecksum))
  const asked: string[] = []
  const head: ObjectStore['head'] = async (key) => {
    asked.push(key)
    return all.head(key)
  }
  return { source: { ...listing, head }, asked }
}

/** A web server with a page for each folder, as public.bybit.com has them. */
async function serveIndex(
  files: readonly string[],
  gone: readonly string[],
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer(({ url = '/', method }, response) => {
    if (method === 'GET') asked.push(url)
    const key = url.slice(1)
    if (files.includes(key))
      response.writeHead(200, { 'content-length': Buffer.byteLength(key) }).end(method === 'HEAD' ? '' : key)
    else {
      const below = [...files, ...gone].filter((file) => file.startsWith(key) && (key === '' || key.endsWith('/')))
      const names = new Set(below.map((file) => /^[^/]*\/?/.exec(file.slice(key.length))?.[0] ?? ''))
      const links = [...names].map((name) => `<li><a href="${name}">${name}</a></li>`).join('')
      response.writeHead(names.size === 0 ? 404 : 200, { 'content-type': 'text/html' }).end(`<ul>${links}</ul>`)
    }
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) }) // prettier-ignore
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new LakeError('UNAVAILABLE', 'The server has no port.')
  return { url: `http://127.0.0.1:${address.port}/`, asked }
}
