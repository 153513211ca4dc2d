import {
  type DatasetId,
  type DataType,
  DAY_MICROS,
  dayOf,
  type Gap,
  manifestPrefix,
  parsePeriod,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import type { ManifestFile, ManifestReader } from '@lake/ledger'
import { type TradeEvidence, tradesAcross } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { formatsOf } from './formats-of.ts'
import { openSilverReaders } from './silver-readers.ts'

export interface TradeEvidenceOptions {
  readonly lake: Lake
  readonly reader: ManifestReader
  /** Bars. */
  readonly dataset: DatasetId
  readonly gaps: readonly Gap[]
  readonly signal?: AbortSignal | undefined
}

/** The most days of trades that are read for the gaps of a dataset, the newest ones, and the most rows of a day. */
const DAYS = 31
const ROWS_OF_A_DAY = 10_000_000

/**
 * What the symbol's trades say about gaps in its bars, where the lake holds the trades of those days: whether something
 * was traded, and where not, whether ids are missing across the gap. Reads rows of days with gaps, at most a month of
 * them, and nothing where trades are not numbered one by one.
 */
export async function tradeEvidence(options: TradeEvidenceOptions): Promise<TradeEvidence | undefined> {
  const { lake, dataset, gaps, signal } = options
  if (dataset.dataType !== 'klines') return undefined
  const evidence = { quiet: new Array<TimeRange>(), missing: new Array<TimeRange>(), traded: new Array<TimeRange>() }
  const read = openSilverReaders(lake)
  // A span of a day and more without a bar is no question of ids.
  let open = gaps.filter(({ from, to }) => to - from < DAY_MICROS).reverse()
  let days = 0
  for (const dataType of ['aggTrades', 'trades'] as const) {
    const partitions = await partitionsOf(options, dataType, open)
    const left: Gap[] = []
    for (const gap of open) {
      const files = filesAround(gap, partitions)
      if (files === undefined || days >= DAYS) {
        left.push(gap)
        continue
      }
      signal?.throwIfAborted()
      days += files.length
      const range = { from: parsePeriod(dayOf(gap.from - 1)).from, to: parsePeriod(dayOf(gap.to)).to }
      const { quiet, missing, traded } = tradesAcross(await read[dataType]({ files, range, signal }), [gap])
      evidence.quiet.push(...quiet)
      evidence.missing.push(...missing)
      evidence.traded.push(...traded)
    }
    open = left
  }
  return evidence
}

/** The partitions of the symbol's trades by day, of the months of gaps. */
async function partitionsOf(
  { lake, reader, dataset }: TradeEvidenceOptions,
  dataType: Extract<DataType, 'trades' | 'aggTrades'>,
  gaps: readonly Gap[],
): Promise<ReadonlyMap<string, ManifestFile>> {
  const trades: DatasetId = { ...dataset, dataType, interval: undefined }
  const formats = formatsOf({ adapter: lake.exchange(dataset.exchange), dataset: trades })
  if (formats.some(({ sparseIds, idsOfFile }) => sparseIds === true || idsOfFile === true)) return new Map()
  const months = new Set(gaps.flatMap((gap) => daysAround(gap).map((day) => day.slice(0, 7))))
  const entries = await reader.entries(manifestPrefix(silverSeries(trades)))
  const manifests = await reader.read(
    entries.filter(({ series, month }) => series.interval === undefined && months.has(month)),
  )
  return new Map(manifests.flatMap(({ files }) => files.map((file) => [file.label, file] as const)))
}

/** The days in which a gap lies and its neighbours may; `undefined` when one of them is not held. */
function filesAround(gap: Gap, partitions: ReadonlyMap<string, ManifestFile>): readonly ManifestFile[] | undefined {
  const days = daysAround(gap)
  const files = days.flatMap((day) => partitions.get(day) ?? []).filter(({ rows }) => rows > 0 && rows <= ROWS_OF_A_DAY)
  return files.length === days.length ? files : undefined
}

function daysAround({ from, to }: Gap): string[] {
  return [...new Set([dayOf(from - 1), dayOf(to)])]
}
