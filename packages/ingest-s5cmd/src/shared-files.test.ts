import { formatDatasetId, LakeError, type ObjectStore, parseDatasetId, parseTimeRange } from '@lake/core'
import { okx } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { discoverArchive, type DiscoverOptions } from './discover-archive.ts'
import { planDatasetFiles } from './plan-dataset-files.ts'

const MARCH = parseDatasetId('okx/cm/trades/BTC-USD-240329')
const FUNDING = parseDatasetId('okx/cm/fundingRate/BTC-USD-SWAP')
const range = parseTimeRange('2024-03-01', '2024-04-03')

const trades = (symbol: string, day: string): string =>
  `trades/daily/${day.replaceAll('-', '')}/${symbol}-trades-${day}.zip`
const ratesOfAll = (day: string): string => `swaprates/daily/${day.replaceAll('-', '')}/allswap-fundingrates-${day}.zip`

async function storeWith(...keys: string[]): Promise<ObjectStore> {
  const store = memoryStore()
  for (const key of keys) await store.put(key, new Uint8Array([1]))
  return store
}

async function discover(options: Partial<DiscoverOptions> & Pick<DiscoverOptions, 'source'>): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  for await (const file of discoverArchive({ adapter: okx, datasets: [MARCH], range, ...options })) files.push(file)
  return files
}

/** A place that answers for names and lists nothing; tells what it was asked for. */
function listless(store: ObjectStore): { readonly source: ObjectStore; readonly asked: string[] } {
  const asked: string[] = []
  const source: ObjectStore = {
    ...store,
    list: () => {
      throw new LakeError('UNSUPPORTED', 'It lists nothing.')
    },
    head: async (key, options) => {
      asked.push(key)
      return store.head(key, options)
    },
  }
  return { source, asked }
}

describe('files of many instruments', () => {
  test('come with those of a dataset, as what they are, up to the day on which it ends', async () => {
    const days = ['2024-03-01', '2024-03-29', '2024-03-30']
    const source = await storeWith(
      ...days.map((day) => trades('BTC-USD-futureschain', day)),
      trades('ETH-USD-futureschain', '2024-03-01'),
      trades('BTC-USD-optionchain', '2024-03-01'),
      trades('allfutures', '2024-03-02'),
      trades('BTC-USD-240329', '2024-03-03'),
    )
    const found = await discover({ source })
    expect(found.map(({ dataset, period }) => `${formatDatasetId(dataset)} ${period.label}`)).toEqual([
      'okx/cm/trades/BTC-USD-futureschain 2024-03-01',
      'okx/um/trades/allfutures 2024-03-02',
      'okx/cm/trades/BTC-USD-240329 2024-03-03',
      'okx/cm/trades/BTC-USD-futureschain 2024-03-29',
    ])
  })

  test('are asked for by name where nothing is listed: those of the family first, and not after the end', async () => {
    const { source, asked } = listless(
      await storeWith(trades('BTC-USD-futureschain', '2024-03-02'), trades('allfutures', '2024-03-02')),
    )
    const found = await discover({ source, range: parseTimeRange('2024-03-01', '2024-03-03') })
    expect(found.map(({ key }) => key)).toEqual([trades('BTC-USD-futureschain', '2024-03-02')])
    expect(asked).not.toContain(trades('allfutures', '2024-03-02'))
    expect(asked).toContain(trades('allfutures', '2024-03-01'))
    const late = listless(memoryStore())
    await discover({ source: late.source, range: parseTimeRange('2024-03-31', '2024-04-02') })
    expect(late.asked.some((key) => key.includes('futureschain'))).toBe(false)
  })

  test('are asked for in the index of the venue with those of the instrument', async () => {
    const pages: string[] = []
    const url = `https://static.okx.com/cdn/okex/traderecords/${trades('BTC-USD-futureschain', '2024-03-01')}`
    const answer = JSON.stringify({ code: '0', data: [{ details: [{ groupDetails: [{ url }] }] }] })
    const found = await discover({
      source: { ...memoryStore(), url: okx.archive?.url ?? '' },
      askPage: async (page) => {
        pages.push(page)
        return Promise.resolve(answer)
      },
      sizes: false,
    })
    expect(found.map(({ dataset }) => formatDatasetId(dataset))).toEqual(['okx/cm/trades/BTC-USD-futureschain'])
    const lists = pages.map((page) => new URL(page).searchParams.get('instFamilyList'))
    expect(new Set(lists)).toEqual(new Set(['BTC-USD']))
  })

  test('that are not listed yet are asked for up to yesterday', async () => {
    const source = await storeWith(...['2024-03-01', '2024-03-02', '2024-03-03'].map(ratesOfAll))
    const listed: ObjectStore = {
      ...source,
      async *list(options) {
        for await (const info of source.list(options)) if (info.key.includes('20240301')) yield info
      },
    }
    const now = Date.parse('2024-03-04T00:00:00Z') * 1000
    const found = await discover({ source: listed, datasets: [FUNDING], now })
    expect(found.map(({ key }) => key)).toEqual(['2024-03-01', '2024-03-02', '2024-03-03'].map(ratesOfAll))
  })
})

describe('planDatasetFiles', () => {
  test('takes files of many only for the time that none of its own has', async () => {
    const own = 'swaprates/monthly/202402/BTC-USD-SWAP-fundingrates-2024-02.zip'
    const days = ['2024-02-01', '2024-02-29', '2024-03-01', '2024-03-02'].map(ratesOfAll)
    const files = await discover({ source: await storeWith(own, ...days), datasets: [FUNDING], range: undefined })
    const planned = planDatasetFiles({ adapter: okx, dataset: FUNDING, files })
    expect(planned.map(({ key }) => key)).toEqual([own, ratesOfAll('2024-03-01'), ratesOfAll('2024-03-02')])
    expect(planned.map(({ reason }) => reason)).toEqual([
      'All of 2024-02 is wanted: one monthly file.',
      'The archive has no monthly file of 2024-03. It holds rows of BTC-USD-SWAP among those of others.',
      'The archive has no monthly file of 2024-03. It holds rows of BTC-USD-SWAP among those of others.',
    ])
  })

  test('counts of a file only the part that is wanted', async () => {
    const days = [trades('BTC-USD-240329', '2024-03-02'), trades('BTC-USD-240329', '2024-03-03')]
    const month = 'trades/monthly/202403/BTC-USD-futureschain-trades-2024-03.zip'
    const files = await discover({ source: await storeWith(month, ...days), range: undefined })
    const keysOf = (from: string, to: string): string[] =>
      planDatasetFiles({ adapter: okx, dataset: MARCH, files, range: parseTimeRange(from, to) }).map(({ key }) => key)
    expect(keysOf('2024-03-02', '2024-03-03')).toEqual(days)
    expect(keysOf('2024-03-02', '2024-03-04')).toEqual([month, ...days])
  })
})
