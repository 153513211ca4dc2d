import { integerValues, isBarType, type DataType, microsOf, type TimeRange } from '@lake/core'
import { DataType as ArrowType, type Table } from 'apache-arrow'
import { checkColumns } from './check-columns.ts'
import { diffTables, type RowChange } from './diff-tables.ts'
import { exactSum } from './exact-sum.ts'
import { floatAt } from './value-at.ts'

/** A file or page that a table was made of. */
export interface CertificateInput {
  readonly name: string
  readonly sha256: string
}

/** The rows of one source, and what they were made of. */
export interface CertificatePart {
  /** Sorted and free of duplicates. */
  readonly table: Table
  readonly inputs: readonly CertificateInput[]
  /** Where the source was asked; rows of others elsewhere are not held against it. Default: the whole range. */
  readonly covered?: TimeRange | undefined
}

export interface ReconcileOptions {
  /** Its id, as `formatDatasetId` of @lake/core writes it. */
  readonly dataset: string
  readonly dataType: DataType
  readonly range: TimeRange
  readonly monthly?: CertificatePart | undefined
  readonly daily?: CertificatePart | undefined
  readonly rest?: CertificatePart | undefined
  /** Bars that were rebuilt from trades. */
  readonly trades?: CertificatePart | undefined
  /** How many differing rows a comparison lists. Default: 100. */
  readonly limit?: number | undefined
}

/** What one source has. */
export interface PartSummary {
  readonly name: string
  readonly rows: number
  /** Times of the first and the last row; absent when there is none. */
  readonly first?: number | undefined
  readonly last?: number | undefined
  /** Exact sums of the columns that can be added, as decimals; null where every value is. */
  readonly sums: Readonly<Record<string, string | null>>
  readonly inputs: readonly CertificateInput[]
}

/** How two sources compare where both were asked. */
export interface PartComparison {
  readonly left: string
  readonly right: string
  readonly range: TimeRange
  readonly agrees: boolean
  readonly same: number
  readonly onlyLeft: number
  readonly onlyRight: number
  readonly differing: number
  /** Bars without trades, which bars rebuilt from trades cannot have; not held against them. */
  readonly withoutTrades: number
  readonly differingColumns: Readonly<Record<string, number>>
  /** The first differing rows, at most the limit: `added` is only right, `removed` only left. */
  readonly first: readonly RowChange[]
}

/** What sources of the same rows say, side by side. Plain JSON without clocks: equal inputs give equal certificates. */
export interface Certificate {
  readonly certificate: 1
  readonly dataset: string
  readonly range: TimeRange
  readonly agrees: boolean
  readonly parts: readonly PartSummary[]
  /** Each pair of sources. */
  readonly comparisons: readonly PartComparison[]
}

/** What adds up over rows. */
const SUMMED: readonly string[] = [
  ...['volume', 'quote_volume', 'trade_count', 'taker_buy_volume', 'taker_buy_quote_volume'],
  ...['size', 'quote_size', 'funding_rate'],
]

/** What bars rebuilt from trades have in common with those of a venue. */
const REBUILT: readonly string[] = ['open', 'high', 'low', 'close', ...SUMMED.slice(0, 5)]

/** Sums of doubles differ from the venue's decimals in the last digits. */
const REBUILT_TOLERANCE = 1e-9

/**
 * Certifies that the sources of a range agree, or lists where they do not.
 *
 * Each part is counted and summed, exactly; each pair is compared row by row where both were asked. The hashes of the
 * inputs go in, so the bytes of `canonicalJson(certificate)` (of @lake/core) can be signed and made again.
 * Bars rebuilt from trades are compared in what trades can tell, sums to one part in a billion, and bars in which
 * nothing was traded are not missed.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table is not sorted, has a row twice, or lacks a column.
 *
 * @example
 * reconcile({ dataset: 'binance/spot/klines/BTCUSDT/1m', dataType: 'klines', range, monthly, daily }).agrees
 */
export function reconcile(options: ReconcileOptions): Certificate {
  const { dataset, dataType, range, limit = 100 } = options
  const parts = PART_NAMES.flatMap((name) => {
    const part = options[name]
    return part === undefined
      ? []
      : [{ name, ...part, table: rowsIn(part.table, range), covered: part.covered ?? range }]
  })
  const comparisons = parts.flatMap((left, at) =>
    parts.slice(at + 1).map((right) => comparePair(left, right, { dataType, limit })),
  )
  return {
    certificate: 1,
    dataset,
    range: { from: range.from, to: range.to },
    agrees: comparisons.every(({ agrees }) => agrees),
    parts: parts.map(summaryOf),
    comparisons,
  }
}

const PART_NAMES = ['monthly', 'daily', 'rest', 'trades'] as const

interface NamedPart extends CertificatePart {
  readonly name: (typeof PART_NAMES)[number]
  readonly covered: TimeRange
}

function comparePair(
  left: NamedPart,
  right: NamedPart,
  { dataType, limit }: { readonly dataType: DataType; readonly limit: number },
): PartComparison {
  const range = {
    from: Math.max(left.covered.from, right.covered.from),
    to: Math.min(left.covered.to, right.covered.to),
  }
  const isRebuilt = right.name === 'trades' && isBarType(dataType)
  const before = rowsIn(left.table, range)
  const traded = isRebuilt ? withTrades(before) : before
  const diff = diffTables({
    dataType,
    before: traded,
    after: rowsIn(right.table, range),
    limit,
    ...(isRebuilt
      ? { columns: REBUILT, tolerance: Object.fromEntries(REBUILT.map((name) => [name, REBUILT_TOLERANCE])) }
      : {}),
  })
  return {
    left: left.name,
    right: right.name,
    range,
    agrees: diff.added === 0 && diff.removed === 0 && diff.changed === 0,
    same: diff.same,
    onlyLeft: diff.removed,
    onlyRight: diff.added,
    differing: diff.changed,
    withoutTrades: before.numRows - traded.numRows,
    differingColumns: diff.changedColumns,
    first: diff.first,
  }
}

function summaryOf({ name, table, inputs }: NamedPart): PartSummary {
  const columns = checkColumns(table)
  const times = columns.numbers('ts_event')
  const isSummed = (column: string): boolean =>
    SUMMED.includes(column) && !ArrowType.isDictionary(table.getChild(column)?.type)
  const summed = table.schema.names.map(String).filter(isSummed)
  return {
    name,
    rows: table.numRows,
    ...(times.length === 0 ? {} : { first: floatAt(times, 0), last: floatAt(times, times.length - 1) }),
    sums: Object.fromEntries(
      summed.map((column) => {
        const values = columns.numbers(column)
        return [column, values.every(Number.isNaN) && values.length > 0 ? null : exactSum(values)]
      }),
    ),
    inputs: inputs
      .map(({ name: input, sha256 }) => ({ name: input, sha256 }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

function rowsIn(table: Table, { from, to }: TimeRange): Table {
  const times = microsOf(integerValues(table, 'ts_event'))
  const start = times.findIndex((time) => time >= from)
  const end = times.findIndex((time) => time >= to)
  return start < 0 ? table.slice(0, 0) : table.slice(start, end < 0 ? table.numRows : end)
}

/** The bars in which something was traded. */
function withTrades(table: Table): Table {
  const volumes = checkColumns(table).numbers('volume')
  const pieces: Table[] = []
  let start = 0
  for (let row = 0; row <= volumes.length; row++) {
    if (row < volumes.length && volumes[row] !== 0) continue
    if (row > start) pieces.push(table.slice(start, row))
    start = row + 1
  }
  const [first = table.slice(0, 0), ...others] = pieces
  return first.concat(...others)
}
