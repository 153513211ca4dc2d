import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  floatValues,
  integerValues,
  microsOf,
  type ObjectStore,
  parseDatasetId,
  readObject,
  seriesPrefix,
  silverSeries,
  wordValues,
} from '@lake/core'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { DataType, type Table } from 'apache-arrow'
import { beforeAll, describe, expect, test } from 'vitest'
import totals from '../fixtures/expected/totals.json' with { type: 'json' }
import { defineLake, type RunReport, runPipeline } from './index.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

interface Totals {
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly sums: Readonly<Record<string, string>>
}

const PROGRAM = fileURLToPath(new URL('../fixtures/expected/totals.py', import.meta.url))
const EXPECTED: Readonly<Record<string, Totals>> = totals

let store: ObjectStore
let report: RunReport

beforeAll(async () => {
  store = memoryStore()
  report = await runPipeline(defineLake({ lake: store }), { source: SAMPLE, datasets: SAMPLE_DATASETS })
})

describe('the sample archive', () => {
  test('comes in whole', () => {
    expect(report.failures).toEqual([])
    expect(
      report.datasets.map(({ id, table, rows, files, filesTransferred, gaps, filesUnverified }) => ({
        id,
        table,
        rows,
        files,
        filesTransferred,
        gaps,
        filesUnverified,
      })),
    ).toEqual([
      {
        id: SAMPLE_DATASETS[0],
        table: 'klines',
        rows: 4320,
        files: 3,
        filesTransferred: 3,
        gaps: 0,
        filesUnverified: 0,
      },
      { id: SAMPLE_DATASETS[1], table: 'klines', rows: 48, files: 2, filesTransferred: 2, gaps: 0, filesUnverified: 0 },
      {
        id: SAMPLE_DATASETS[2],
        table: 'agg_trades',
        rows: 105_280,
        files: 1,
        filesTransferred: 1,
        gaps: null,
        filesUnverified: 0,
      },
      {
        id: SAMPLE_DATASETS[3],
        table: 'funding_rates',
        rows: 90,
        files: 1,
        filesTransferred: 1,
        gaps: 0,
        filesUnverified: 0,
      },
    ])
    expect(report.datasets.map(({ gold }) => gold)).toEqual([
      { '5m': 864, '1h': 72, '1d': 3 },
      { '1h': 48, '1d': 2 },
      { '5m': 288, '1h': 24, '1d': 1 },
      { '1d': 30 },
    ])
  })

  test.each(SAMPLE_DATASETS)(
    '%s: silver has the rows, times and exact sums that an independent reader finds',
    async (id) => {
      const expected = EXPECTED[id]
      const table = await silverOf(id)
      const times = microsOf(integerValues(table, 'ts_event'))
      expect({ rows: table.numRows, first: times[0], last: times.at(-1) }).toEqual({
        rows: expected?.rows,
        first: expected?.first,
        last: expected?.last,
      })
      for (const [column, sum] of Object.entries(expected?.sums ?? {})) {
        expect([column, columnSum(table, column)]).toEqual([column, sum])
      }
    },
  )

  test('the expectation is what the independent reader finds today', ({ skip }) => {
    const fresh = runPython()
    if (fresh === undefined) skip('needs python3 on the PATH')
    expect(fresh).toEqual(EXPECTED)
  })

  test('a second run moves no byte and changes no file', async () => {
    const before = await contentOf(store, '')
    const again = await runPipeline(defineLake({ lake: store }), { source: SAMPLE, datasets: SAMPLE_DATASETS })
    expect(
      again.datasets.map(({ partitions, filesTransferred, bytes }) => ({ partitions, filesTransferred, bytes })),
    ).toEqual(SAMPLE_DATASETS.map(() => ({ partitions: 0, filesTransferred: 0, bytes: 0 })))
    expect(again.datasets.map(({ rows, gold }) => ({ rows, gold }))).toEqual(
      report.datasets.map(({ rows, gold }) => ({ rows, gold })),
    )
    expect(await contentOf(store, '')).toEqual(before)
  })

  test('another lake on another day has the same silver and gold, byte for byte', async () => {
    const other = memoryStore()
    const lake = defineLake({ lake: other, now: () => 0 })
    // In another order, one dataset a run.
    for (const dataset of SAMPLE_DATASETS.toReversed()) await runPipeline(lake, { source: SAMPLE, datasets: [dataset] })
    expect(await contentOf(other, 'silver/', 'gold/')).toEqual(await contentOf(store, 'silver/', 'gold/'))
  })
})

async function silverOf(id: string): Promise<Table> {
  const tables: Table[] = []
  for await (const { key } of store.list({ prefix: seriesPrefix(silverSeries(parseDatasetId(id))) })) {
    tables.push(await readParquet(await readObject(store, key)))
  }
  const [first, ...others] = tables
  if (first === undefined) throw new Error(`no silver of ${id}`)
  return first.concat(...others)
}

/** The exact sum of a column: of floats, the sum of their shortest decimals. */
function columnSum(table: Table, column: string): string {
  if (column === 'taker_sells') {
    const { codes, words } = wordValues(table, 'side')
    return String(codes.filter((code) => words[code] === 'sell').length)
  }
  const type: unknown = table.getChild(column)?.type
  if (!DataType.isFloat(type)) return String(integerValues(table, column).reduce((sum, value) => sum + value, 0n))
  return decimalSum(floatValues(table, column))
}

const SCALE = 20

function decimalSum(values: Float64Array): string {
  let sum = 0n
  for (const value of values) sum += scaled(value)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(SCALE + 1, '0')
  const fraction = digits.slice(-SCALE).replace(/0+$/, '')
  return `${sum < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`
}

/** The shortest decimal of a float, times 10^20, exactly. */
function scaled(value: number): bigint {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? []
  return BigInt(`${sign}${whole}${fraction}${'0'.repeat(SCALE - fraction.length + Number(exponent))}`)
}

function runPython(): unknown {
  try {
    return JSON.parse(execFileSync('python3', [PROGRAM], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
