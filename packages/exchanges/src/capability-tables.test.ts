import { type DatasetId, defineExchange } from '@lake/core'
import { expect, test } from 'vitest'
import { binance, bybit, capabilityRows, capabilityTables, gate, kraken, listExchanges, okx } from './index.ts'

test('a venue and each of its types are a row', () => {
  expect(capabilityRows(kraken)).toEqual({
    venue: '| kraken | a folder of yours | – | 10 in 12 s | spot | 3 | absent |',
    data: [
      '| kraken | klines | spot | spot: the newest 721 | spot (frames) |',
      '| kraken | trades | – | spot: 1000 a page, page after page | spot |',
      '| kraken | bookTicker | – | – | spot (frames) |',
    ],
  })
  expect(capabilityRows(gate)).toEqual({
    venue: '| gate | asked by name | – | – | – | – | absent |',
    data: [
      '| gate | klines | spot um cm | – | – |',
      '| gate | trades | spot um cm | – | – |',
      '| gate | fundingRate | um cm | – | – |',
    ],
  })
  expect(capabilityRows(binance).data).toContain(
    '| binance | fundingRate | um cm | um cm: 1000 a page, by time | um cm (frames) |',
  )
  expect(capabilityRows(okx).data.join('\n')).toContain('100 a page, by time, 90 days back')
  expect(capabilityRows(bybit).data).toContain(
    '| bybit | trades | spot um cm | spot: the newest 60; um cm: the newest 1000 | spot um cm |',
  )
})

test('streams are named, and samples as such', () => {
  const [funding] = binance.rest?.series.filter(({ dataType }) => dataType === 'fundingRate') ?? []
  const format = funding?.format ?? expect.fail('binance has funding rates')
  const endpoint = { kind: 'ccxt', exchange: 'toy', method: 'watchFundingRates' } as const
  const channel = {
    id: 'toy-rates',
    dataType: 'fundingRate',
    markets: ['um'],
    endpoint,
    format,
    topic: ({ symbol }: DatasetId) => ({ symbol }),
    sample: true,
    evidence: '',
  } as const
  const toy = defineExchange({ id: 'toy', live: { channels: [channel] } })
  expect(capabilityRows(toy)).toEqual({
    venue: '| toy | – | – | – | – | 1 | present |',
    data: ['| toy | fundingRate | – | – | um (a sample) |'],
  })
})

test('all of them are two tables', () => {
  const text = capabilityTables(listExchanges())
  expect(text).toMatch(/^\| exchange \| archive /)
  for (const { id } of listExchanges()) expect(text).toContain(`| ${id} |`)
})
