import { makeTable, timesOf, type WordColumn } from '@lake/core'
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Bool,
  Schema,
  type Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import type { Lake } from './define-lake.ts'
import type { DatasetQuality, QualityDay } from './measure-dataset.ts'
import { measureQuality } from './measure-quality.ts'

/** A table for SQL, in the form that `openCatalog` of `@lake/catalog` takes. */
export interface QualityTable {
  readonly name: 'quality'
  readonly dates: readonly ['day']
  readonly insteadOfThen: string
  rows(signal?: AbortSignal): Promise<Table>
}

/**
 * The table `quality`: a row for each dataset and UTC day, told by manifests at the time of the query.
 *
 * | column | type | meaning |
 * |---|---|---|
 * | `dataset`, `exchange`, `market`, `data_type`, `symbol`, `interval` | text | which; `interval` is null for events |
 * | `day` | text, a date in SQL | UTC |
 * | `rows` | int64? | rows that are there |
 * | `expected` | int64? | rows that the day should have; null where nobody can tell |
 * | `missing` | int64 | rows that are known to be missing |
 * | `completeness` | float64? | 0 to 1: of the rows that could exist, how many are there; halts do not count |
 * | `gaps` | int64 | stretches of missing rows that touch the day |
 * | `no_trades` | int64? | bars without trades, which the venue leaves out; null where it leaves out none |
 * | `causes` | text? | `exchange-halt 60, unknown 3`: missing rows by cause |
 * | `score` | float64? | of the partition, 0 to 100 |
 * | `findings` | text? | what checks found, with the number of rows, and whole days that are wrong |
 * | `blocked` | bool | true when the newest state of the partition is not published |
 * | `reason` | text? | why |
 * | `last_row` | time, UTC? | where the newest row of the dataset ends |
 * | `age_seconds` | float64? | how long ago that was |
 *
 * @example
 * await using catalog = await openCatalog({ store: lake.store, tables: [qualityTable(lake)] })
 * await catalog.query('select dataset, day, causes from quality where completeness < 1')
 */
export function qualityTable(lake: Lake): QualityTable {
  return {
    name: 'quality',
    dates: ['day'],
    insteadOfThen: INSTEAD_OF_THEN,
    rows: async (signal) => {
      const datasets: DatasetQuality[] = []
      for await (const dataset of measureQuality(lake, {}, { signal })) datasets.push(dataset)
      return tableOf(datasets)
    },
  }
}

function tableOf(datasets: readonly DatasetQuality[]): Table {
  const rows = datasets.flatMap((of) => of.days.map((day) => ({ of, day })))
  const words = (text: (row: Row) => string | null | undefined): WordColumn => wordColumn(rows, text)
  const floats = (value: (row: Row) => number | null | undefined): Float64Array =>
    Float64Array.from(rows, (row) => value(row) ?? Number.NaN)
  const integers = (value: (row: Row) => number | null): { values: BigInt64Array; nulls: Uint8Array } => ({
    values: BigInt64Array.from(rows, (row) => BigInt(value(row) ?? 0)),
    nulls: Uint8Array.from(rows, (row) => (value(row) === null ? 1 : 0)),
  })
  return makeTable(SCHEMA, {
    dataset: words(({ of }) => of.id),
    exchange: words(({ of }) => of.dataset.exchange),
    market: words(({ of }) => of.dataset.market),
    data_type: words(({ of }) => of.dataset.dataType),
    symbol: words(({ of }) => of.dataset.symbol),
    interval: words(({ of }) => of.dataset.interval),
    day: words(({ day }) => day.day),
    rows: integers(({ day }) => day.rows),
    expected: integers(({ day }) => day.expected),
    missing: integers(({ day }) => missingRowsOf(day)),
    completeness: floats(({ day }) => day.completeness),
    gaps: integers(({ day }) => day.gaps),
    no_trades: integers(({ day }) => day.noTrades ?? null),
    causes: words(({ day }) => causesText(day)),
    score: floats(({ day }) => day.score),
    findings: words(({ day }) => (day.findings.length === 0 ? null : day.findings.join(', '))),
    blocked: Uint8Array.from(rows, ({ day }) => (day.blocked === null ? 0 : 1)),
    reason: words(({ day }) => day.blocked),
    last_row: {
      values: timesOf(Float64Array.from(rows, ({ of }) => of.reaches ?? 0)),
      nulls: Uint8Array.from(rows, ({ of }) => (of.reaches === undefined ? 1 : 0)),
    },
    age_seconds: floats(({ of }) => (of.age === undefined ? null : of.age / 1_000_000)),
  })
}

interface Row {
  readonly of: DatasetQuality
  readonly day: QualityDay
}

function missingRowsOf({ missing }: QualityDay): number {
  return Object.values(missing).reduce((sum, count) => sum + count, 0)
}

function causesText({ missing }: QualityDay): string | null {
  const parts = Object.entries(missing).map(([cause, count]) => `${cause} ${count}`)
  return parts.length === 0 ? null : parts.join(', ')
}

function wordColumn(rows: readonly Row[], text: (row: Row) => string | null | undefined): WordColumn {
  const codes = new Int32Array(rows.length)
  const known = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    const word = text(row)
    if (word === null || word === undefined) {
      codes[index] = -1
      continue
    }
    const code = known.get(word) ?? known.size
    known.set(word, code)
    codes[index] = code
  }
  return { codes, words: [...known.keys()] }
}

const SCHEMA = new Schema([
  ...['dataset', 'exchange', 'market', 'data_type', 'symbol', 'interval', 'day'].map((name) => textField(name)),
  ...['rows', 'expected', 'missing'].map((name) => new Field(name, new Int64(), true)),
  new Field('completeness', new Float64(), true),
  ...['gaps', 'no_trades'].map((name) => new Field(name, new Int64(), true)),
  textField('causes'),
  new Field('score', new Float64(), true),
  textField('findings'),
  new Field('blocked', new Bool(), true),
  textField('reason'),
  new Field('last_row', new TimestampMicrosecond('UTC'), true),
  new Field('age_seconds', new Float64(), true),
])

function textField(name: string): Field {
  return new Field(name, new Dictionary(new Utf8(), new Int32()), true)
}

/** A partition that grew keeps no earlier manifest, and what explains gaps is kept as it is. */
const INSTEAD_OF_THEN =
  'Why rows were missing then, and what checks said of a partition that has merely grown since, is not kept. The rows ' +
  'of then are: count them by day in their own table, as in: select cast(ts_event as date) as day, count(*) from klines ' +
  'group by day. To have the table itself later, keep it from time to time: lake sql "from quality" --format parquet > quality.parquet.'
