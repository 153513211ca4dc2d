import { decimalValues, type ObjectStore, parsePeriod, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { fileStore, memoryStore } from '@lake/storage'
import { type Table } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { defineLake, type LakeConfig, type RunReport, runPipeline } from './index.ts'
import { contentOf, publish, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

const HOURS = 'binance/spot/klines/BTCUSDT/1h'
const TICKS = 'gate/um/trades/BTC_USDT'
const LONG = '101.123456789012345678'

describe('a lake of exact decimals', () => {
  test('keeps every digit that the source has, in bars', async () => {
    const archive = memoryStore()
    await publishHours(archive, '2024-11', LONG)
    const store = memoryStore()
    const report = await take(archive, { lake: store, decimals: 'exact' })
    expect(report.failures).toEqual([])
    expect(report.datasets[0]?.counts).toEqual({})
    const table = await silverOf(store, 'klines')
    expect(String(table.schema.fields.find(({ name }) => name === 'close')?.type)).toBe('Decimal[38e+18]')
    expect(textOf(table, 'close', 0)).toBe(LONG)
    expect(textOf(table, 'open', 719)).toBe('100.000000000000000000')
    const floats = await take(archive, { lake: memoryStore() })
    expect(floats.datasets[0]?.counts).toEqual({ inexact_close: 720 })
  })

  test('derives the same gold, byte for byte, as one of float64', async () => {
    const [exact, floats] = [memoryStore(), memoryStore()]
    const source = fileStore({ root: SAMPLE })
    for (const [lake, decimals] of [
      [exact, 'exact'],
      [floats, 'float64'],
    ] as const) {
      const { failures } = await runPipeline(defineLake({ lake, decimals }), { source, datasets: SAMPLE_DATASETS })
      expect(failures).toEqual([])
    }
    expect(await contentOf(exact, 'gold/')).toEqual(await contentOf(floats, 'gold/'))
    expect(Object.keys(await contentOf(exact, 'gold/'))).not.toEqual([])
  }, 30_000)

  test('stays one for whoever adds to it, until it is told otherwise', async () => {
    const archive = memoryStore()
    await publishHours(archive, '2024-11', LONG)
    const store = memoryStore()
    await take(archive, { lake: store, decimals: 'exact' })
    await publishHours(archive, '2024-12', LONG)
    expect((await take(archive, { lake: store })).datasets[0]).toMatchObject({ partitions: 1, skipped: 1, counts: {} })
    const again = await take(archive, { lake: store, decimals: 'float64' })
    expect(again.datasets[0]).toMatchObject({ partitions: 2, counts: { inexact_close: 720 + 744 } })
    expect(String((await silverOf(store, 'klines')).getChild('close')?.type)).toBe('Float64')
  })

  test('records it in the manifest, so that a partition is made anew when it changes', async () => {
    const archive = memoryStore()
    await publishHours(archive, '2024-11', '1')
    const store = memoryStore()
    const lake = defineLake({ lake: store, decimals: 'exact' })
    await take(archive, { lake: store, decimals: 'exact' })
    for await (const { files } of lake.ledger.manifests({ prefix: '_lake/manifests/klines/' })) {
      expect(files[0]?.options).toMatchObject({ policy: 'archive-first', decimals: 'exact', scale: 18 })
    }
    expect((await take(archive, { lake: store, decimals: 'exact' })).datasets[0]).toMatchObject({ partitions: 0 })
  })

  test('cuts months of ticks into days through a scratch folder, in any order, with the sign of sizes as the side', async () => {
    const archive = memoryStore()
    const { from } = parsePeriod('2026-01')
    const line = (id: number): string =>
      `${(from / 1e6 + ((id * 7919) % 2_600_000)).toString()},${9_007_199_254_740_993n + BigInt(id)},${LONG},${id % 2 === 0 ? '-' : ''}7.${'0'.repeat(17)}${1 + (id % 9)}`
    const lines = Array.from({ length: 3000 }, (_, id) => line(id))
    const { gzipSync } = await import('node:zlib')
    await archive.put('futures_usdt/trades/202601/BTC_USDT-202601.csv.gz', gzipSync(`${lines.join('\n')}\n`))
    const store = memoryStore()
    const lake = defineLake({ lake: store, decimals: 'exact', scratch: { memoryBytes: 10_000 } })
    const report = await runPipeline(lake, { source: archive, datasets: [TICKS], gold: [] })
    expect(report.failures).toEqual([])
    expect(report.datasets[0]?.rows).toBe(3000)
    const table = await silverOf(store, 'trades')
    const row = 0
    const id = Number((table.getChild('trade_id')?.get(row) ?? 0n) - 9_007_199_254_740_993n)
    expect(textOf(table, 'price', row)).toBe(LONG)
    expect(textOf(table, 'size', row)).toBe(`7.${'0'.repeat(17)}${1 + (id % 9)}`)
    expect(String(table.getChild('side')?.get(row))).toBe(id % 2 === 0 ? 'sell' : 'buy')
  })

  test('puts aside what does not fit, and names it', async () => {
    const archive = memoryStore()
    await publishHours(archive, '2024-11', '1', `1.${'1'.repeat(19)}`)
    const store = memoryStore()
    const lake = defineLake({ lake: store, decimals: 'exact', quarantineLimit: 0 })
    const { failures } = await runPipeline(lake, { source: archive, datasets: [HOURS], gold: [] })
    expect(failures[0]?.error).toMatchObject({ code: 'BAD_ROW', details: { line: 1, column: 'close' } })
    expect(failures[0]?.error.message).toContain('has digits beyond the 18 places that an exact decimal keeps')
  })
})

async function publishHours(archive: ObjectStore, month: string, close: string, first = close): Promise<void> {
  const { from, to } = parsePeriod(month)
  const lines: string[] = []
  for (let open = from / 1000; open < to / 1000; open += 3_600_000) {
    const price = lines.length === 0 ? first : close
    lines.push(`${open},100.00000000,102.0,1.0,${price},5.0,${open + 3_599_999},505.0,7,2.0,202.0,0`)
  }
  const name = `BTCUSDT-1h-${month}`
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`)
  await publish(
    archive,
    `data/spot/monthly/klines/BTCUSDT/1h/${name}.zip`,
    await writeZip([{ name: `${name}.csv`, bytes }]),
  )
}

async function take(source: ObjectStore, config: LakeConfig): Promise<RunReport> {
  return runPipeline(defineLake(config), { source, datasets: [HOURS], gold: [] })
}

async function silverOf(store: ObjectStore, table: string): Promise<Table> {
  for await (const { key } of store.list({ prefix: `silver/${table}/` }))
    return readParquet(await readObject(store, key))
  throw new Error('the lake has no silver')
}

/** A decimal with all its places. */
function textOf(table: Table, column: string, row: number): string {
  const { units, scale } = decimalValues(table, column)
  let value = 0n
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(units[4 * row + word] ?? 0)
  const digits = String(value).padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
