import {
  type DataType,
  formatDatasetId,
  integerValues,
  type Interval,
  intervalMicros,
  intervalStart,
  LakeError,
  type LakeTable,
  microsOf,
  nextIntervalStart,
  readObject,
  type TimeRange,
} from '@lake/core'
import { sha256Of } from '@lake/ledger'
import { mergeTables } from '@lake/merge'
import { type Certificate, type CertificatePart, reconcile } from '@lake/quality'
import { resampleBars } from '@lake/resample'
import { barsOfTrades } from './bars-of-trades.ts'
import { firstStart } from './bucket-range.ts'
import { liesWithin } from './compute-partition.ts'
import { type CertificateEvidence, evidenceInputs } from './certificate-evidence.ts'
import type { Lake } from './define-lake.ts'
import type { SilverRows } from './silver-rows.ts'
import { coveredSpan } from './gold-sources.ts'
import type { HeldArchive, HeldFrames, HeldPage } from './held-file.ts'
import { readInput } from './read-input.ts'
import { recordedTimes } from './recorded-times.ts'
import { openSilverReader } from './read-silver.ts'
import { readSilverTable } from './read-silver-table.ts'
import { parseInputs } from './silver-task.ts'
import type { SpanningFiles } from './spanning-files.ts'

export interface MakeCertificateOptions {
  readonly lake: Lake
  readonly evidence: CertificateEvidence
  /** Reads files that span several partitions. */
  readonly spanning: SpanningFiles
  readonly signal?: AbortSignal | undefined
}

/** How many differing rows a pair of parts lists; all are counted. */
const LISTED = 10_000

/** Bad lines of a file are no rows of it, and so differences: no file has too many to be compared. */
export const ANY_SHARE = (): number => 1

/**
 * The certificate of a partition: each granularity of the archive, the pages of REST, what was recorded live and what bars
 * can be rebuilt of, parsed anew and compared with each other and with the partition. A pure function of their bytes.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the partition is not the one of its manifest, and what parsing throws.
 */
export async function makeCertificate(options: MakeCertificateOptions): Promise<Certificate> {
  const { evidence } = options
  const { dataset, period, monthly, daily, rest } = evidence
  const inputs = evidenceInputs(evidence)
  const part = async (
    name: string,
    files: readonly (HeldArchive | HeldPage)[],
  ): Promise<CertificatePart | undefined> =>
    files.length === 0
      ? undefined
      : {
          table: await rowsOf(options, files),
          inputs: inputs[name] ?? [],
          covered: files.map((file) => ({ from: file.period.from, to: file.period.to })),
        }
  return reconcile({
    dataset: formatDatasetId(dataset),
    dataType: dataset.dataType,
    range: period,
    monthly: await part('monthly', monthly),
    daily: await part('daily', daily),
    rest: await part('rest', rest),
    live: await livePart(options, inputs['live'] ?? []),
    trades: await tradesPart(options, inputs['trades'] ?? []),
    finer: await finerPart(options, inputs['finer'] ?? []),
    partition: await partitionPart(options, inputs['partition'] ?? []),
    limit: LISTED,
  })
}

/** The rows that files of one kind have for the period. */
async function rowsOf(
  { lake, evidence, spanning, signal }: MakeCertificateOptions,
  files: readonly (HeldArchive | HeldPage | HeldFrames)[],
): Promise<LakeTable<DataType>> {
  const { dataset, period, partition } = evidence
  const { dataType, interval } = dataset
  const adapter = lake.exchange(dataset.exchange)
  const reading = {
    dataset,
    formats: adapter.formats?.filter((format) => format.dataType === dataType) ?? [],
    series: [...(adapter.rest?.series ?? []), ...(adapter.live?.channels ?? [])].filter(
      (series) => series.dataType === dataType,
    ),
  }
  const inputs: SilverRows[] = []
  for (const file of files) {
    if (file.source === 'archive' && !liesWithin(file.period, period)) {
      inputs.push(await spanning.rowsOf(file, { period, files: [file], span: partition.span }))
    } else {
      const input = await readInput({ lake, dataset, quarantineLimit: ANY_SHARE, signal }, file, period)
      inputs.push(...(await parseInputs({ ...reading, inputs: [input] }, signal)))
    }
  }
  return mergeTables({ dataType, inputs, policy: 'newest', interval, signal }).table
}

/** Rows that came while nobody listened are not missed: a recording speaks of the times that it covers. */
async function livePart(
  options: MakeCertificateOptions,
  inputs: CertificatePart['inputs'],
): Promise<CertificatePart | undefined> {
  const { live } = options.evidence
  if (live.length === 0) return undefined
  return { table: await rowsOf(options, live), inputs, covered: await recordedTimes(options) }
}

async function tradesPart(
  { lake, evidence, signal }: MakeCertificateOptions,
  inputs: CertificatePart['inputs'],
): Promise<CertificatePart | undefined> {
  const { dataset, period, trades: source } = evidence
  const { interval: to } = dataset
  if (source === undefined || to === undefined) return undefined
  const contractSize = lake.exchange(dataset.exchange).contractSize?.(dataset)
  const read = { trades: openSilverReader(lake, 'trades'), aggTrades: openSilverReader(lake, 'aggTrades') }
  const table = await barsOfTrades({ source, read, to, range: period, contractSize, signal })
  return { table, inputs, covered: source.files.map(({ span }) => wholeBars(to, span)) }
}

async function finerPart(
  { lake, evidence, signal }: MakeCertificateOptions,
  inputs: CertificatePart['inputs'],
): Promise<CertificatePart | undefined> {
  const { dataset, period, finer: source } = evidence
  const { interval: to } = dataset
  const from = source?.dataset.interval
  if (source === undefined || from === undefined || to === undefined) return undefined
  const { files } = source
  const bars = await openSilverReader(lake, 'klines')({ files, range: period, signal })
  const table = resampleBars(bars, { from, to, until: coveredSpan(files, period).to })
  // A bar that lacks some of its children says nothing.
  return { table, inputs, covered: completeBars(table, { from, to }) }
}

function completeBars(
  table: ReturnType<typeof resampleBars>,
  { from, to }: { readonly from: Interval; readonly to: Interval },
): TimeRange[] {
  const counts = microsOf(integerValues(table, 'child_count'))
  const covered: TimeRange[] = []
  for (const [row, open] of microsOf(integerValues(table, 'ts_event')).entries()) {
    const end = nextIntervalStart(to, open)
    if (counts[row] === (end - open) / (intervalMicros(from) ?? Number.NaN)) covered.push({ from: open, to: end })
  }
  return covered
}

/** The bars that lie wholly in a range. */
function wholeBars(interval: Interval, range: TimeRange): TimeRange {
  const from = firstStart(interval, range.from)
  return { from, to: Math.max(from, intervalStart(interval, range.to)) }
}

async function partitionPart(
  { lake, evidence, signal }: MakeCertificateOptions,
  inputs: CertificatePart['inputs'],
): Promise<CertificatePart> {
  const { dataset, partition } = evidence
  const { key, sha256, span } = partition
  const bytes = await readObject(lake.store, key, { signal })
  if (sha256Of(bytes) !== sha256) {
    throw new LakeError(
      'CORRUPT_LAKE',
      `${key} is not the file that its manifest knows. Nothing was changed. Bring it back with lake verify and lake run.`,
      { details: { key } },
    )
  }
  const table = await readSilverTable(bytes, {
    dataType: dataset.dataType,
    options: partition.options,
    name: key,
    signal,
  })
  return { table, inputs, covered: [span] }
}
