import { readFile } from 'node:fs/promises'
import { deflateRawSync } from 'node:zlib'
import { parseDatasetId } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { rowsFromArchive, rowsFromPages } from './index.ts'

const ARCHIVE = new URL('../../../../fixtures/archive/data/', import.meta.url)

describe('real files in the form of the REST interface', () => {
  test('bars of 2026 in microseconds get milliseconds', async () => {
    const zip = await readFile(new URL('spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2026-05-08.zip', ARCHIVE))
    const [rows] = rowsFromArchive(zip, parseDatasetId('binance/spot/klines/BTCUSDT/1h'))
    expect(rows).toMatchObject({ path: '/api/v3/klines', symbol: 'BTCUSDT', interval: '1h', ids: undefined })
    expect(rows?.times).toHaveLength(24)
    expect(rows?.texts[0]).toBe('[1778198400000,"80006.00000000","80142.84000000","79729.72000000","79831.99000000","958.06006000",1778201999999,"76636658.96208970",67626,"559.85461000","44801546.15802500","0"]') // prettier-ignore
  })

  test('funding rates keep the jitter of their times', async () => {
    const zip = await readFile(
      new URL('futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip', ARCHIVE),
    )
    const [rows] = rowsFromArchive(zip, parseDatasetId('binance/um/fundingRate/BTCUSDT'))
    expect(rows?.times).toHaveLength(90)
    expect(rows?.texts[1]).toBe('{"symbol":"BTCUSDT","fundingTime":1775030400000,"fundingRate":"-0.00000461"}')
    expect(rows?.times.some((time) => time % 1000 !== 0)).toBe(true)
  })

  test('aggregated trades have ids', { timeout: 30_000 }, async () => {
    const zip = await readFile(
      new URL('futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip', ARCHIVE),
    )
    const [rows] = rowsFromArchive(zip, parseDatasetId('binance/cm/aggTrades/BTCUSD_PERP'))
    expect([rows?.path, rows?.texts.length, rows?.ids?.[0]]).toEqual(['/dapi/v1/aggTrades', 105_280, 480_537_903])
    expect(JSON.parse(rows?.texts[0] ?? '')).toEqual({ a: 480537903, p: '79972.8', q: '542.0', f: 1123474160, l: 1123474164, T: 1778198400020, m: false }) // prettier-ignore
  })
})

describe('the forms of other files', () => {
  test('trades, with what a market has', () => {
    const spot = rowsFromArchive(
      zipOf('7,1.5,2,3,1735689600000123,True,False\n'),
      parseDatasetId('binance/spot/trades/BTCUSDT'),
    )
    expect(spot.map(({ path }) => path)).toEqual(['/api/v3/trades', '/api/v3/historicalTrades'])
    expect(spot[0]?.texts).toEqual(['{"id":7,"price":"1.5","qty":"2","quoteQty":"3","time":1735689600000,"isBuyerMaker":true,"isBestMatch":false}']) // prettier-ignore
    const cm = rowsFromArchive(
      zipOf('id,price\n7,1.5,2,3,1600000000000,true'),
      parseDatasetId('binance/cm/trades/BTCUSD_PERP'),
    )
    expect(cm[0]?.texts).toEqual(['{"id":7,"price":"1.5","qty":"2","baseQty":"3","time":1600000000000,"isBuyerMaker":true}']) // prettier-ignore
    const best = rowsFromArchive(
      zipOf('1,2,3,4,5,1600000000000,False,True'),
      parseDatasetId('binance/spot/aggTrades/BTCUSDT'),
    )
    expect(best[0]?.texts[0]).toContain('"m":false,"M":true')
  })

  test('metrics under five addresses, without what is empty', () => {
    const csv =
      'create_time,symbol\n2026-05-08 00:05:00,BTCUSDT,10,20,1.1,1.2,1.3,\n2026-05-08 00:00:00,BTCUSDT,1,2,,,,0.9\n'
    const rows = rowsFromArchive(zipOf(csv), parseDatasetId('binance/um/metrics/BTCUSDT'))
    expect(rows.map(({ path, times }) => [path.slice('/futures/data/'.length), times.length])).toEqual([
      ['openInterestHist', 2],
      ['topLongShortAccountRatio', 1],
      ['topLongShortPositionRatio', 1],
      ['globalLongShortAccountRatio', 1],
      ['takerlongshortRatio', 1],
    ])
    expect(rows[0]?.texts[0]).toBe('{"symbol":"BTCUSDT","sumOpenInterest":"1","sumOpenInterestValue":"2","timestamp":1778198400000}') // prettier-ignore
    const [coin] = rowsFromArchive(zipOf(csv), parseDatasetId('binance/cm/metrics/BTCUSD_PERP'))
    expect([coin?.symbol, coin?.interval]).toEqual(['BTCUSD', '5m'])
  })

  test('months are 1M', () => {
    const bar = '1600000000000,1,2,0.5,1.5,10,1600000059999,15,3,4,6,0'
    expect(rowsFromArchive(zipOf(bar), parseDatasetId('binance/um/markPriceKlines/BTCUSDT/1mo'))[0]).toMatchObject({
      path: '/fapi/v1/markPriceKlines',
      interval: '1M',
    })
  })

  test.each(['binance/um/bookDepth/BTCUSDT', 'binance/option/trades/BTCUSDT'])('%s is not served', (dataset) => {
    expect(() => rowsFromArchive(zipOf('1'), parseDatasetId(dataset))).toThrow(/not (served|replayed)|does not serve/)
  })

  test('what is no zip is refused', () => {
    const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
    expect(() => rowsFromArchive(new Uint8Array(100), dataset)).toThrow('no zip')
    const broken = zipOf('1')
    broken.fill(0, 0x1f, 0x30)
    expect(() => rowsFromArchive(broken, dataset)).toThrow('no zip')
  })
})

describe('rows of recorded answers', () => {
  test('are sorted, and those of several answers come once', () => {
    const place = { path: '/fapi/v1/trades', symbol: 'X' }
    const rows = rowsFromPages(place, [[{ id: 2, time: 20 }], [{ id: 1, time: 10 }, { id: 2, time: 20 }]]) // prettier-ignore
    expect([rows.times, rows.ids]).toEqual([Float64Array.of(10, 20), Float64Array.of(1, 2)])
    expect(rowsFromPages(place, [[]]).ids).toBeUndefined()
    expect(() => rowsFromPages(place, [[{ id: 1 }]])).toThrow('no time: {"id":1}')
  })
})

/** A zip of one deflated file, as small as it can be. */
function zipOf(text: string): Uint8Array {
  const data = deflateRawSync(text)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(1, 26)
  const entry = Buffer.alloc(47)
  entry.writeUInt32LE(0x02014b50)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(data.length, 20)
  entry.writeUInt16LE(1, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(31 + data.length, 16)
  return Buffer.concat([local, Buffer.from('a'), data, entry, end])
}
