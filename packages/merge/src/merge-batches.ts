import { type DataType, integerValues, type Interval, LakeError, type LakeTable, rowIdentity } from '@lake/core'
import { addReports, EMPTY_REPORT } from './add-reports.ts'
import { type BatchReader, openBatches, requiredId } from './batch-reader.ts'
import type { MergeReport } from './merge-report.ts'
import type { MergePolicy } from './merge-source.ts'
import { SHOWN } from './merge-versions.ts'
import { mergeTables } from './merge-tables.ts'
import { isAscending, isStrictlyAscending } from './sort-rows.ts'
import { integerAt } from './value-at.ts'
import type { BatchInput } from './batch-input.ts'

export interface MergeBatchesOptions<D extends DataType> {
  readonly dataType: D
  readonly inputs: readonly BatchInput<D>[]
  /** Who is believed where sources differ. Default: `archive-first`. */
  readonly policy?: MergePolicy | undefined
  /** The grain of bars, see {@link mergeTables}. */
  readonly interval?: Interval | undefined
  /** Called once, after the last batch, with what the whole merge did. */
  readonly onReport?: ((report: MergeReport) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The rows of `mergeTables`, batch by batch: for trades and books that do not fit in memory.
 *
 * Holds one batch of each input, reads them side by side, and yields what no batch still to come can change. A batch
 * of the result has at most the rows of the batches held. Every input is closed when the reader stops early, when
 * `signal` aborts and when an input fails.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when an input is not sorted, or when inputs disagree about the order of
 * rows (ids one way, times another); give such rows to `mergeTables`. What was yielded before is right.
 * @throws {@link LakeError} `UNSUPPORTED` for liquidations: whether a file is doubled shows in the whole file only.
 *
 * @example
 * for await (const batch of mergeBatches({
 *   dataType: 'trades',
 *   inputs: [
 *     { batches: archived, name: 'BTCUSDT-trades-2024-01-01.zip', source: 'archive' },
 *     { batches: recorded, name: 'trades-2024-01-01.jsonl', source: 'ws' },
 *   ],
 * })) {
 *   await writer.write(batch)
 * }
 */
export async function* mergeBatches<D extends DataType>(
  options: MergeBatchesOptions<D>,
): AsyncGenerator<LakeTable<D>, void, undefined> {
  const { dataType, policy, interval, onReport, signal } = options
  checkStreamable(dataType)
  const { table: empty } = mergeTables({ dataType, inputs: [] })
  const readers = options.inputs.map((input) => openBatches(input, { dataType, interval, empty }))
  let report = EMPTY_REPORT
  let previous: bigint | undefined
  try {
    for (;;) {
      signal?.throwIfAborted()
      await Promise.all(readers.map(async (reader) => reader.fill()))
      signal?.throwIfAborted()
      const bound = boundOf(readers)
      const inputs = options.inputs.map(({ name, source, receivedAt }, at) => ({
        name,
        source,
        receivedAt,
        table: readers[at]?.takeBelow(bound) ?? empty,
      }))
      const merged = mergeTables({ dataType, inputs, policy, interval, signal })
      report = addReports(report, merged.report, SHOWN)
      const { table } = merged
      if (table.numRows === 0) break
      previous = checkOrder(dataType, table, previous)
      yield table
    }
    onReport?.(report)
  } finally {
    await Promise.allSettled(readers.map(async (reader) => reader.close()))
  }
}

/** The least of the last keys at hand of what is still open: rows below it are all here. */
function boundOf<D extends DataType>(readers: readonly BatchReader<D>[]): bigint | undefined {
  let bound: bigint | undefined
  for (const reader of readers) {
    const last = reader.isOpen() ? reader.lastKey() : undefined
    if (last !== undefined && (bound === undefined || last < bound)) bound = last
  }
  return bound
}

function checkStreamable(dataType: DataType): void {
  if (rowIdentity(dataType).repeats !== true) return
  throw new LakeError(
    'UNSUPPORTED',
    `${dataType} cannot be merged batch by batch: whether a file is doubled shows in the whole file. Use mergeTables.`,
    { details: { dataType } },
  )
}

/** The last time of a batch, after a look that its ids and times stand in one order, also behind the batch before. */
function checkOrder<D extends DataType>(
  dataType: D,
  table: LakeTable<D>,
  previous: bigint | undefined,
): bigint | undefined {
  const id = requiredId(dataType)
  if (id === undefined) return undefined
  const times = integerValues(table, 'ts_event')
  const isBehind = previous === undefined || integerAt(times, 0) >= previous
  if (isBehind && isAscending(times) && isStrictlyAscending({ keys: integerValues(table, id) })) {
    return integerAt(times, times.length - 1)
  }
  throw new LakeError(
    'BAD_REQUEST',
    `The inputs disagree about the order of ${dataType}: by ${id} one way, by ts_event another, from time ` +
      `${integerAt(times, 0)} on. Use mergeTables, which sorts.`,
    { details: { dataType, column: id, from: String(integerAt(times, 0)) } },
  )
}
