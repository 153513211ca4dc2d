import { readFile } from 'node:fs/promises'
import { type DatasetId, type LakeTable, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { parseArchiveFile } from '@lake/parse'

/** The real 1m bars of BTCUSDT of a day, 2020-01-01 to 2020-01-03. */
export async function realDay(day: string): Promise<LakeTable<'klines'>> {
  const key = `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`
  const dataset: DatasetId & { dataType: 'klines' } = {
    exchange: 'binance',
    market: 'spot',
    dataType: 'klines',
    symbol: 'BTCUSDT',
    interval: '1m',
  }
  const bytes = await readFile(new URL(`../../../../fixtures/archive/${key}`, import.meta.url))
  const { table } = await parseArchiveFile({
    dataset,
    period: parsePeriod(day),
    name: key,
    formats: binance.formats ?? [],
    bytes,
  })
  return table
}

/** The real days one after the other: the first three of a month. */
export async function realDays(): Promise<LakeTable<'klines'>> {
  const [first, ...others] = await Promise.all(['2020-01-01', '2020-01-02', '2020-01-03'].map(realDay))
  if (first === undefined) throw new Error('three days')
  return first.concat(...others)
}
