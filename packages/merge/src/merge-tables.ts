import { type Columns, type DataType, hasColumns, type Interval, LakeError, tableSchema } from '@lake/core'
import { Schema, type Table, type TypeMap } from 'apache-arrow'
import type { MergeReport } from './merge-report.ts'
import { isSorted, mergeRuns } from './merge-runs.ts'
import type { MergeInput, MergeOrigin, MergePolicy } from './merge-source.ts'
import { mergeVersions } from './merge-versions.ts'
import { rankInputs } from './rank-inputs.ts'
import { refineTimes } from './refine-times.ts'
import { rowKeys } from './row-keys.ts'
import { type MergePart, splitBySource } from './split-by-source.ts'

export interface MergeTablesOptions<D extends DataType, T extends TypeMap = Columns[D]> {
  readonly dataType: D
  /** Rows of one series, in any order of inputs and of rows, also more than once. */
  readonly inputs: readonly MergeInput<D, T>[]
  /** Who is believed where sources differ. Default: `archive-first`. */
  readonly policy?: MergePolicy | undefined
  /** The grain of bars: those that open off its grid are taken for the bar of the interval that they fall in. */
  readonly interval?: Interval | undefined
  readonly signal?: AbortSignal | undefined
}

export interface MergeResult<D extends DataType, T extends TypeMap = Columns[D]> {
  /** One row a key, sorted by `ts_event` and, where there are ids, by id; one batch. */
  readonly table: Table<T>
  readonly report: MergeReport
}

/**
 * Makes one table of many sources of the same rows.
 *
 * Rows are the same when `rowIdentity` of `@lake/core` says so: bars and metrics by `ts_event`, trades by id, funding
 * by its minute (its times jitter), books and options by time and band or option. Where the values of a row differ,
 * the policy decides which source is believed, of two rows of one source the later one. A null is no difference: it
 * is filled from the next source. `ts_available` and `source` come from the believed row and are not compared, nor is
 * the time where it is the key. Of a trade that one source states to the millisecond and another to the microsecond the
 * exact time is kept, whoever is believed.
 *
 * With `interval`, bars that open off the grid (as venues made them around outages in 2017 and 2018) are the same as
 * the other sources' bar of that interval; where one input has several such bars in an interval, all are kept.
 * Equal liquidations may be several orders: as many are kept as the input with most of them has. A file in which
 * every one of them stands twice is halved; inputs without `source`, merged before, are not.
 *
 * Tables of exact decimals are merged with their `schema`: values are then the same when every digit is.
 *
 * The result does not depend on the order of the inputs, and merging it again changes nothing. Give a table that was
 * merged before without `source`, and its rows are ranked by their own: under `archive-first` and `rest-first` it is
 * then the same whether sources are merged at once or one after the other (nulls: when neighbours in rank are merged
 * first, since a filled value does not say where it came from).
 *
 * Sorted inputs cost a comparison a row that several of them have, and one copy; inputs that are not sorted cost an
 * index sort. A single input that is sorted and free of duplicates is returned as it is. Metadata of the schemas is
 * united, that of the more believed input first; columns beyond those of the data type are dropped.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when two inputs have the same name, a table lacks a column, or an input
 * without `source` has a row without one.
 *
 * @example
 * const { table, report } = mergeTables({
 *   dataType: 'klines',
 *   inputs: [
 *     { table: archived, name: 'BTCUSDT-1m-2024-01.zip', source: 'archive' },
 *     { table: fetched, name: 'klines-1704067200000.json', source: 'rest', receivedAt: 1706745600000000 },
 *   ],
 * })
 */
export function mergeTables<D extends DataType>(options: MergeTablesOptions<D>): MergeResult<D>
export function mergeTables<D extends DataType, T extends TypeMap>(
  options: MergeTablesOptions<D, T> & WithSchema<T>,
): MergeResult<D, T>
export function mergeTables(
  options: MergeTablesOptions<DataType, TypeMap> & Partial<WithSchema<TypeMap>>,
): MergeResult<DataType, TypeMap> {
  const { dataType } = options
  return mergeWithin({ ...options, schema: options.schema ?? new Schema<TypeMap>(tableSchema(dataType).fields) })
}

/** The columns of the tables, where they are not the usual ones of the data type. */
interface WithSchema<T extends TypeMap> {
  /** As in `tableSchema('klines', { decimals: 'exact' })`. */
  readonly schema: Schema<T>
}

function mergeWithin<D extends DataType, T extends TypeMap>(
  options: MergeTablesOptions<D, T> & WithSchema<T>,
): MergeResult<D, T> {
  const { dataType, policy = 'archive-first', interval, signal } = options
  signal?.throwIfAborted()
  checkNames(options.inputs)
  const inputs = refineTimes(dataType, options.inputs, options.schema)
  const { keys, copies } = rowKeys({ dataType, inputs, interval })
  const keyed = inputs.map((input, at) => ({ ...input, ...(keys[at] ?? { keys: new BigInt64Array() }) }))
  const parts = rankInputs(
    keyed.flatMap((input) => splitBySource(input, options.schema)),
    policy,
  )
  const finished = finishedTable(options.schema, parts)
  if (finished !== undefined) return { table: finished, report: plainReport(parts) }
  const metadata = new Map(parts.flatMap(({ table }) => [...table.schema.metadata]))
  const schema = new Schema<T>(options.schema.fields, metadata)
  const { table, report } = mergeRuns({ parts, schema, signal }) ?? mergeVersions({ parts, schema, signal })
  const doubled = inputs.flatMap(({ name }, at) => ((copies[at] ?? 1) > 1 ? [[name, copies[at] ?? 1] as const] : []))
  return { table, report: doubled.length === 0 ? report : { ...report, doubledFiles: Object.fromEntries(doubled) } }
}

function checkNames(inputs: readonly MergeOrigin[]): void {
  const names = inputs.map(({ name }) => name)
  const name = names.find((candidate, index) => names.indexOf(candidate) < index)
  if (name === undefined) return
  throw new LakeError('BAD_REQUEST', `Two inputs are named '${name}'; names decide ties, so they must differ.`, {
    details: { name },
  })
}

/** The only table with rows, when nothing is left to do with it. */
function finishedTable<T extends TypeMap>(schema: Schema<T>, parts: readonly MergePart[]): Table<T> | undefined {
  const [part, ...others] = parts.filter(({ table }) => table.numRows > 0)
  if (part === undefined || others.length > 0 || !isSorted(part)) return undefined
  const { table } = part
  const isPlain = table.batches.length === 1 && table.numCols === schema.fields.length
  return isPlain && hasColumns(table, schema) ? table : undefined
}

/** The report where every row is kept. */
function plainReport(parts: readonly MergePart[]): MergeReport {
  const rows = parts.reduce((sum, { table }) => sum + table.numRows, 0)
  return {
    rowsIn: rows,
    rowsOut: rows,
    duplicates: 0,
    conflicts: {},
    filled: {},
    firstConflicts: [],
    inputs: parts
      .map(({ name, source, table }) => ({ name, source, rows: table.numRows, kept: table.numRows }))
      .reverse(),
  }
}
