import { integerValues, isBarType, type DataType, microsOf, type TimeRange } from '@lake/core'
import { DataType as ArrowType, type Table } from 'apache-arrow'
import { checkColumns } from './check-columns.ts'
import { diffTables, type RowChange } from './diff-tables.ts'
import { exactSum } from './exact-sum.ts'
import { rangesOf, uniteSpans } from './spans.ts'
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
  readonly covered?: readonly TimeRange[] | undefined
}

export interface ReconcileOptions {
  /** Its id, as `formatDatasetId` of @lake/core writes it. */
  readonly dataset: string
  readonly dataType: DataType
  readonly range: TimeRange
  readonly monthly?: CertificatePart | undefined
  readonly daily?: CertificatePart | undefined
  readonly rest?: CertificatePart | undefined
  /** What was recorded live: `covered` says when it was. */
  readonly live?: CertificatePart | undefined
  /** Bars that were rebuilt from trades. */
  readonly trades?: CertificatePart | undefined
  /** Bars that were rebuilt from finer ones. */
  readonly finer?: CertificatePart | undefined
  /** What was made of the sources, as it is read. */
  readonly partition?: CertificatePart | undefined
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
  /** Where both were asked. */
  readonly ranges: readonly TimeRange[]
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
  /** `uncompared` when no row was at hand from two sources; the partition is no source. */
  readonly verdict: 'agrees' | 'differs' | 'uncompared'
  readonly parts: readonly PartSummary[]
  /** Each pair of parts that were asked for the same time. */
  readonly comparisons: readonly PartComparison[]
}

/** What adds up over rows. */
const SUMMED: readonly string[] = [
  ...['volume', 'quote_volume', 'trade_count', 'taker_buy_volume', 'taker_buy_quote_volume'],
  ...['size', 'quote_size', 'funding_rate'],
]

/** What rebuilt bars have in common with those of a venue. */
const REBUILT: readonly string[] = ['open', 'high', 'low', 'close', ...SUMMED.slice(0, 5)]

/** Sums of doubles differ from the venue's decimals in the last digits. */
const REBUILT_TOLERANCE = 1e-9

/**
 * Certifies that the sources of a range agree, or lists where they do not.
 *
 * Each part is counted and summed, exactly; each pair is compared row by row where both were asked. The hashes of the
 * inputs go in, so the bytes of `canonicalJson(certificate)` (of @lake/core) can be signed and made again.
 * Rebuilt bars are compared in what their parts can tell, sums to one part in a billion, and of those rebuilt from
 * trades bars in which nothing was traded are not missed.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table is not sorted, has a row twice, or lacks a column.
 *
 * @example
 * reconcile({ dataset: 'binance/spot/klines/BTCUSDT/1m', dataType: 'klines', range, monthly, daily }).verdict
 */
export function reconcile(options: ReconcileOptions): Certificate {
  const { dataset, dataType, range, limit = 100 } = options
  const parts = PART_NAMES.flatMap((name) => {
    const part = options[name]
    if (part === undefined) return []
    const covered = rangesOf(uniteSpans((part.covered ?? [range]).map((one) => commonRange(one, range))))
    return [{ name, ...part, table: rowsIn(part.table, [range]), covered }]
  })
  const comparisons = parts.flatMap((left, at) =>
    parts.slice(at + 1).flatMap((right) => comparePair(left, right, { dataType, limit })),
  )
  return {
    certificate: 1,
    dataset,
    range: { from: range.from, to: range.to },
    verdict: verdictOf(comparisons),
    parts: parts.map(summaryOf),
    comparisons,
  }
}

const PART_NAMES = ['monthly', 'daily', 'rest', 'live', 'trades', 'finer', 'partition'] as const

interface NamedPart extends CertificatePart {
  readonly name: (typeof PART_NAMES)[number]
  /** In order, and apart from each other. */
  readonly covered: readonly TimeRange[]
}

function verdictOf(comparisons: readonly PartComparison[]): Certificate['verdict'] {
  if (comparisons.some(({ agrees }) => !agrees)) return 'differs'
  return comparisons.some(({ right, same }) => right !== 'partition' && same > 0) ? 'agrees' : 'uncompared'
}

/** Nothing where the parts were never asked for the same time. */
function comparePair(
  left: NamedPart,
  right: NamedPart,
  { dataType, limit }: { readonly dataType: DataType; readonly limit: number },
): PartComparison[] {
  const ranges = rangesOf(
    uniteSpans(left.covered.flatMap((own) => right.covered.map((other) => commonRange(own, other)))),
  )
  if (ranges.length === 0) return []
  const rebuilt = isBarType(dataType) ? [left, right].filter(({ name }) => name === 'trades' || name === 'finer') : []
  const [before, after] = [left, right].map(({ table }) => rowsIn(table, ranges))
  if (before === undefined || after === undefined) return []
  const isOfTrades = rebuilt.some(({ name }) => name === 'trades')
  const [own, other] = isOfTrades ? [withTrades(before), withTrades(after)] : [before, after]
  const diff = diffTables({
    dataType,
    before: own,
    after: other,
    limit,
    ...(rebuilt.length === 0
      ? {}
      : { columns: REBUILT, tolerance: Object.fromEntries(REBUILT.map((name) => [name, REBUILT_TOLERANCE])) }),
  })
  const comparison = {
    left: left.name,
    right: right.name,
    ranges,
    agrees: diff.added === 0 && diff.removed === 0 && diff.changed === 0,
    same: diff.same,
    onlyLeft: diff.removed,
    onlyRight: diff.added,
    differing: diff.changed,
    withoutTrades: Math.max(before.numRows - own.numRows, after.numRows - other.numRows),
    differingColumns: diff.changedColumns,
    first: diff.first,
  }
  return [comparison]
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

/** An empty range where they have nothing in common. */
function commonRange(a: TimeRange, b: TimeRange): TimeRange {
  const from = Math.max(a.from, b.from)
  return { from, to: Math.max(from, Math.min(a.to, b.to)) }
}

/** The rows of a sorted table that lie in ranges. */
function rowsIn(table: Table, ranges: readonly TimeRange[]): Table {
  const times = microsOf(integerValues(table, 'ts_event'))
  const at = (time: number): number => {
    const found = times.findIndex((one) => one >= time)
    return found < 0 ? times.length : found
  }
  const [first = table.slice(0, 0), ...others] = ranges.map(({ from, to }) => table.slice(at(from), at(to)))
  return first.concat(...others)
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
