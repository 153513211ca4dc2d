import { type DataType, isTableOf, LakeError, type LakeTable, tableSchema } from '@lake/core'
import { Schema } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import { concatColumn } from './concat-column.ts'
import { findSequence } from './find-sequence.ts'
import type { MergeReport } from './merge-report.ts'
import type { MergeInput, MergePolicy, MergeSource } from './merge-source.ts'
import { mergeVersions } from './merge-versions.ts'
import { rankInputs } from './rank-inputs.ts'
import { checkMergeable, rowKeys } from './row-keys.ts'

export interface MergeTablesOptions<D extends DataType> {
  readonly dataType: D
  /** Rows of one series, in any order of inputs and of rows, also more than once. */
  readonly inputs: readonly MergeInput<D>[]
  /** Who is believed where sources differ. Default: `archive-first`. */
  readonly policy?: MergePolicy | undefined
  readonly signal?: AbortSignal | undefined
}

export interface MergeResult<D extends DataType> {
  /** One row a key, sorted by `ts_event` and, trades, by id; one batch. */
  readonly table: LakeTable<D>
  readonly report: MergeReport
}

/**
 * Makes one table of many sources of the same rows.
 *
 * Rows are the same when they have the same `ts_event` (bars), id (trades) or minute (funding, whose times jitter).
 * Where their values differ, the policy decides which source is believed, of two rows of one source the later one. A
 * null is no difference: it is filled from the next source. `ts_available` and `source` come from the believed row
 * and are not compared, nor is the time of bars and funding.
 *
 * The result does not depend on the order of the inputs, and merging it again changes nothing. A single input that is
 * sorted and free of duplicates is returned as it is, without a copy; sorted inputs that follow each other, such as
 * the days of a month, are put together without a look at each row's values. Metadata of the schemas is united, that
 * of the more believed input first; columns beyond those of the data type are dropped.
 *
 * @throws {@link LakeError} `UNSUPPORTED` for data types other than bars, trades, aggTrades and fundingRate;
 * `BAD_REQUEST` when two inputs have the same name or a table lacks a column.
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
export function mergeTables<D extends DataType>(options: MergeTablesOptions<D>): MergeResult<D> {
  const { dataType, policy = 'archive-first', signal } = options
  signal?.throwIfAborted()
  checkMergeable(dataType)
  checkNames(options.inputs)
  const inputs = rankInputs(options.inputs, policy)
  const parts = inputs.map((input) => ({ ...input, ...rowKeys(dataType, input.table) }))
  const metadata = new Map(inputs.flatMap(({ table }) => [...table.schema.metadata]))
  const schema = new Schema(tableSchema(dataType).fields, metadata)
  const sequence = findSequence(parts)
  if (sequence === undefined) return mergeVersions({ inputs: parts, schema, signal })
  const tables = sequence.map(({ table }) => table)
  const [table] = tables
  const isFinished = table?.batches.length === 1 && table.numCols === schema.fields.length && isTableOf(table, dataType)
  return {
    table:
      isFinished && tables.length === 1
        ? table
        : buildTable(schema, (field) => {
            signal?.throwIfAborted()
            return concatColumn(tables, field).all()
          }),
    report: plainReport(inputs),
  }
}

function checkNames(inputs: readonly MergeSource[]): void {
  const names = inputs.map(({ name }) => name)
  const name = names.find((candidate, index) => names.indexOf(candidate) < index)
  if (name === undefined) return
  throw new LakeError('BAD_REQUEST', `Two inputs are named '${name}'; names decide ties, so they must differ.`, {
    details: { name },
  })
}

/** The report where every row is kept. */
function plainReport<D extends DataType>(inputs: readonly MergeInput<D>[]): MergeReport {
  const rows = inputs.reduce((sum, { table }) => sum + table.numRows, 0)
  return {
    rowsIn: rows,
    rowsOut: rows,
    duplicates: 0,
    conflicts: {},
    filled: {},
    firstConflicts: [],
    inputs: inputs
      .map(({ name, source, table }) => ({ name, source, rows: table.numRows, kept: table.numRows }))
      .reverse(),
  }
}
