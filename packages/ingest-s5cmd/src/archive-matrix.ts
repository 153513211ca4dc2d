import { DATA_TYPES, type DataType, type Interval, INTERVALS, type Market, MARKETS, type Period } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'

/** What an archive has of one kind of files. */
export interface MatrixRow {
  readonly exchange: string
  readonly market: Market
  readonly dataType: DataType
  readonly interval?: Interval | undefined
  readonly period: 'daily' | 'monthly'
  readonly files: number
  readonly bytes: number
  /** In order of their code units. */
  readonly symbols: readonly string[]
  /** Labels of the first and the last period, as in `2020-01` or `2020-01-31`. */
  readonly first: string
  readonly last: string
}

/** What exists, by market, type, interval and kind of period: plain JSON. */
export interface ArchiveMatrix {
  readonly files: number
  readonly bytes: number
  readonly rows: readonly MatrixRow[]
}

/** A matrix in the making, for files that are not held in memory. */
export interface MatrixBuilder {
  add(file: ArchiveFile): void
  build(): ArchiveMatrix
}

/**
 * What exists of which market, type, interval and kind of period, with counts, symbols and range.
 *
 * Rows come by exchange and market, type, interval, daily before monthly. O(n).
 *
 * @example
 * buildMatrix(files).rows[0] // { exchange: 'binance', market: 'spot', dataType: 'klines', interval: '1m', period: 'daily', … }
 */
export function buildMatrix(files: Iterable<ArchiveFile>): ArchiveMatrix {
  const builder = createMatrix()
  for (const file of files) builder.add(file)
  return builder.build()
}

/** An empty matrix to add files to; holds the names of symbols, not the files. */
export function createMatrix(): MatrixBuilder {
  const rows = new Map<string, Counting>()
  return {
    add({ dataset, period, size }) {
      const { exchange, market, dataType, symbol, interval } = dataset
      const name = `${exchange}/${market}/${dataType}/${interval ?? ''}/${period.kind}`
      let row = rows.get(name)
      if (row === undefined) {
        row = {
          exchange,
          market,
          dataType,
          interval,
          period,
          files: 0,
          bytes: 0,
          symbols: new Set(),
          first: period,
          last: period,
        }
        rows.set(name, row)
      }
      row.files++
      row.bytes += size
      row.symbols.add(symbol)
      if (period.from < row.first.from) row.first = period
      if (period.from > row.last.from) row.last = period
    },
    build() {
      const all = [...rows.values()]
      return {
        files: all.reduce((sum, row) => sum + row.files, 0),
        bytes: all.reduce((sum, row) => sum + row.bytes, 0),
        rows: all.sort(byPlace).map(finished),
      }
    },
  }
}

interface Counting {
  readonly exchange: string
  readonly market: Market
  readonly dataType: DataType
  readonly interval: Interval | undefined
  readonly period: Period
  files: number
  bytes: number
  readonly symbols: Set<string>
  first: Period
  last: Period
}

function finished({ interval, period, symbols, first, last, ...row }: Counting): MatrixRow {
  return {
    ...row,
    ...(interval === undefined ? {} : { interval }),
    period: period.kind === 'day' ? 'daily' : 'monthly',
    symbols: [...symbols].sort(compareText),
    first: first.label,
    last: last.label,
  }
}

function byPlace(a: Counting, b: Counting): number {
  return (
    compareText(a.exchange, b.exchange) ||
    MARKETS.indexOf(a.market) - MARKETS.indexOf(b.market) ||
    DATA_TYPES.indexOf(a.dataType) - DATA_TYPES.indexOf(b.dataType) ||
    rank(a.interval) - rank(b.interval) ||
    compareText(a.period.kind, b.period.kind)
  )
}

function rank(interval: Interval | undefined): number {
  return interval === undefined ? -1 : INTERVALS.indexOf(interval)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A table of texts: whoever prints it chooses how. */
export interface TextTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The matrix as a table of texts, a row each; symbols are counted. */
export function matrixTable({ rows }: ArchiveMatrix): TextTable {
  return {
    columns: ['exchange', 'market', 'type', 'interval', 'period', 'files', 'bytes', 'symbols', 'first', 'last'],
    rows: rows.map(({ exchange, market, dataType, interval = '', period, files, bytes, symbols, first, last }) => [
      ...[exchange, market, dataType, interval, period, String(files), String(bytes), String(symbols.length)],
      ...[first, last],
    ]),
  }
}
