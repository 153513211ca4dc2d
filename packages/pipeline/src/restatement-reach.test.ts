import { type ObjectStore, parseInstant } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { defineLake, runPipeline } from './index.ts'
import { publish } from './testing/fixtures.ts'

const HOUR = 3_600_000_000
const MONTHS = ['2023-12', '2024-01', '2024-02', '2024-03'] as const
const DATASETS = ['BTCUSDT', 'ETHUSDT'].map((symbol) => `binance/spot/klines/${symbol}/1h`)

/** A value of a bar that the venue corrects. */
interface Correction {
  readonly time: string
  readonly column: 'close' | 'volume'
}

/** Publishes the hourly bars of a month, one of them corrected. */
async function publishMonth(
  archive: ObjectStore,
  symbol: string,
  month: string,
  corrected?: Correction,
): Promise<void> {
  const lines: string[] = []
  for (let at = parseInstant(`${month}-01`); new Date(at / 1000).toISOString().startsWith(month); at += HOUR) {
    const column = corrected !== undefined && parseInstant(corrected.time) === at ? corrected.column : undefined
    const [close, volume] = [column === 'close' ? 105 : 101, column === 'volume' ? 5.2 : 5]
    const open = at / 1000
    lines.push(`${open},100,110,90,${close},${volume},${open + 3_599_999},500,10,2,200,0`)
  }
  const name = `${symbol}-1h-${month}`
  const zip = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(lines.join('\n')) }])
  await publish(archive, `data/spot/monthly/klines/${symbol}/1h/${name}.zip`, zip)
}

test.each<Correction & { readonly expected: readonly string[] }>([
  {
    ...{ time: '2024-01-10T06:00:00Z', column: 'volume' },
    expected: ['silver 1h 2024-01', 'gold 4h 2024-01', 'gold 1w 2024-01'],
  },
  // A Thursday: its week began in January.
  {
    ...{ time: '2024-02-01T03:00:00Z', column: 'volume' },
    expected: ['silver 1h 2024-02', 'gold 4h 2024-02', 'gold 1w 2024-01'],
  },
  // The last bar of four hours, and none of the last of a week.
  { time: '2024-01-10T07:00:00Z', column: 'close', expected: ['silver 1h 2024-01', 'gold 4h 2024-01'] },
  { time: '2024-01-10T06:00:00Z', column: 'close', expected: ['silver 1h 2024-01'] },
])(
  'a $column of $time that is restated rewrites what is made of it and nothing else',
  async ({ expected, ...correction }) => {
    const archive = memoryStore()
    for (const symbol of ['BTCUSDT', 'ETHUSDT']) for (const month of MONTHS) await publishMonth(archive, symbol, month)
    const inner = memoryStore()
    const written: string[] = []
    const put: ObjectStore['put'] = (key, ...rest) => {
      const [, layer, symbol, interval, label] = PARTITION.exec(key) ?? []
      if (layer !== undefined) written.push(`${layer} ${String(interval)} ${String(label)} ${String(symbol)}`)
      return inner.put(key, ...rest)
    }
    const lake = defineLake({ lake: { ...inner, put } })
    const run = async (): Promise<number> => {
      const request = { source: archive, datasets: DATASETS, gold: ['4h', '1w'] } as const
      const { datasets, failures } = await runPipeline(lake, request)
      expect(failures).toEqual([])
      return datasets.flatMap(({ restated }) => restated).length
    }
    await run()
    expect(written.length).toBeGreaterThan(20)
    written.length = 0
    await publishMonth(archive, 'BTCUSDT', correction.time.slice(0, 7), correction)
    expect(await run()).toBe(expected.length)
    expect(written.sort()).toEqual(expected.map((partition) => `${partition} BTCUSDT`).sort())
    written.length = 0
    expect(await run()).toBe(0)
    expect(written).toEqual([])
  },
)

const PARTITION = /^(silver|gold)\/.*symbol=([^/]+)\/interval=([^/]+)\/.*\/([^/]+)\.parquet$/
