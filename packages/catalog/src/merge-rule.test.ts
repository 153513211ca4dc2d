import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { type LakeTable, parseInstant, ROW_SOURCES, type RowSource, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import { binance } from '@lake/exchanges'
import { type MergeInput, mergeTables } from '@lake/merge'
import { writeParquet } from '@lake/parquet'
import { parseArchiveFile } from '@lake/parse'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

const start = BigInt(parseInstant('2020-01-01'))
const MINUTE = 60_000_000n

type BarInput = MergeInput<'indexPriceKlines'>

/** The order in which a policy believes sources, as SQL. */
const ORDER = {
  'archive-first': `list_position(['archive', 'rest', 'ws', 'filled'], origin), received desc, name desc`,
  'rest-first': `list_position(['rest', 'archive', 'ws', 'filled'], origin), received desc, name desc`,
  newest: `received desc, list_position(['archive', 'rest', 'ws', 'filled'], origin), name desc`,
} as const

test.each(['archive-first', 'rest-first', 'newest'] as const)(
  'the merge rule as a statement of SQL gives the same rows: %s, on generated bars',
  async (policy) => {
    const bar = fc.record({ at: fc.nat(40), open: fc.constantFrom(1, 2), volume: fc.constantFrom(1, 2, null) })
    const input = fc.record({
      bars: fc.array(bar, { maxLength: 40 }),
      source: fc.constantFrom(...ROW_SOURCES),
      receivedAt: fc.nat(3),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(input, { minLength: 1, maxLength: 4 }), async (drawn) => {
        const inputs = drawn.map(({ bars, source, receivedAt }, index) => ({
          name: `input ${index}`,
          source,
          receivedAt,
          table: tableOfRows(
            tableSchema('indexPriceKlines'),
            bars.map(({ at, open, volume }) => ({ ...barAt(at, source), open, volume })),
          ),
        }))
        const { table } = mergeTables({ dataType: 'indexPriceKlines', inputs, policy })
        expect(rowsOfTable(table)).toEqual(await mergedBySql(inputs, ORDER[policy]))
      }),
      { numRuns: 12 },
    )
  },
)

test('the merge rule as a statement of SQL gives the same rows on real bars', async () => {
  const [first, second] = await Promise.all(['2020-01-01', '2020-01-02'].map(readDay))
  if (first === undefined || second === undefined) throw new Error('two days')
  const corrected = rowsOfTable(second.slice(0, 700)).map((row, index) =>
    index % 50 === 0 ? { ...row, volume: 0.5, source: 'rest' } : { ...row, source: 'rest' },
  )
  const schema = tableSchema('indexPriceKlines')
  const inputs: BarInput[] = [
    { name: 'day 1', source: 'archive', receivedAt: 1, table: tableOfRows(schema, rowsOfTable(first)) },
    { name: 'day 2', source: 'archive', receivedAt: 1, table: tableOfRows(schema, rowsOfTable(second).slice(300)) },
    { name: 'page', source: 'rest', receivedAt: 2, table: tableOfRows(schema, corrected) },
  ]
  for (const policy of ['archive-first', 'rest-first', 'newest'] as const) {
    const { table, report } = mergeTables({ dataType: 'indexPriceKlines', inputs, policy })
    expect(report).toMatchObject({ rowsOut: 2880, duplicates: 400, conflicts: { volume: 8 } })
    expect(rowsOfTable(table)).toEqual(await mergedBySql(inputs, ORDER[policy]))
  }
})

async function readDay(day: string): Promise<LakeTable<'klines'>> {
  const key = `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`
  const bytes = await readFile(new URL(`../../../fixtures/archive/${key}`, import.meta.url))
  const dataset = {
    exchange: 'binance',
    market: 'spot',
    dataType: 'klines',
    symbol: 'BTCUSDT',
    interval: '1m',
  } as const
  const period = binance.archive?.parseKey(key)?.period
  if (period === undefined) throw new Error(`${key} is no file of the archive`)
  const { table } = await parseArchiveFile({ dataset, period, name: key, formats: binance.formats ?? [], bytes })
  return table
}

/** One row a time: of each column the first value that is not null, in the order of belief. */
async function mergedBySql(inputs: readonly BarInput[], order: string): Promise<Record<string, unknown>[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lake-merge-rule-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const parts = await Promise.all(
    inputs.map(async ({ name, source = 'filled', receivedAt, table }, index) => {
      const path = join(folder, `${index}.parquet`)
      await writeFile(path, writeParquet(table))
      return `select *, '${name}' as name, '${source}' as origin, ${receivedAt ?? 0} as received, file_row_number as place
        from read_parquet('${path}', file_row_number = true)`
    }),
  )
  const columns = tableSchema('indexPriceKlines')
    .fields.map(({ name }) => name)
    .filter((name) => name !== 'ts_event')
  const valueOf = (name: string): string => {
    const value = ['ts_available', 'close_time'].includes(name) ? `epoch_us(${name})` : name
    return `first(${value} order by ${order}, place desc) filter (where ${name} is not null) as ${name}`
  }
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const result = await connection.runAndReadAll(
      `select epoch_us(ts_event) as ts_event, ${columns.map(valueOf).join(', ')}
       from (${parts.join(' union all by name ')}) group by ts_event order by ts_event`,
    )
    return result.getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function barAt(at: number, source: RowSource): Row {
  const time = start + BigInt(at) * MINUTE
  return {
    ts_event: time,
    ts_available: time + MINUTE,
    source,
    high: 1,
    low: 1,
    close: 1,
    close_time: time + MINUTE - 1000n,
  }
}
