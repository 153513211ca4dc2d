import { createHash } from 'node:crypto'
import {
  type DatasetId,
  dayOf,
  type FixedInterval,
  formatDatasetId,
  intervalMicros,
  intervalStart,
  LakeError,
  monthOf,
  nextIntervalStart,
  type ObjectStore,
  parseInstant,
  parsePeriod,
  type Period,
  type TimeRange,
} from '@lake/core'
import { KlineCsv, type KlineStyle } from './kline-csv.ts'
import { createKlineWalk } from './kline-walk.ts'
import { writeZip } from './write-zip.ts'

export interface GenerateOptions {
  readonly target: ObjectStore
  /** Klines of `spot` or `um` at an interval of constant length. */
  readonly dataset: DatasetId
  /** Epoch microseconds UTC of the first bar; rounded down to the interval. */
  readonly from: number
  /** How long: so many calendar months, the one of `from` included … */
  readonly months?: number | undefined
  /** … or so many bars, those in holes included. One of the two. */
  readonly rows?: number | undefined
  /** The bars depend on it, on `from` and on the market, not on how they are cut into files or on the holes. */
  readonly seed: number
  /** One file a month or a day. Default `month`. */
  readonly cut?: Period['kind'] | undefined
  /** Bars that open in one of these are left out; a file without bars is not written. */
  readonly holes?: readonly TimeRange[] | undefined
  /** Deflate level. Default 1, because speed matters more here than size. */
  readonly level?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One data file that was written, with its CHECKSUM beside it. */
export interface GeneratedFile {
  readonly key: string
  readonly period: Period
  readonly rows: number
  readonly size: number
  readonly sha256: string
}

const FOLDERS: Readonly<Record<string, string>> = { spot: 'data/spot', um: 'data/futures/um' }

/**
 * Writes an archive of invented klines as Binance would: its paths, zips and CHECKSUM files, no header in spot
 * files and in futures files before 2022-05, microseconds in spot files from 2025 and milliseconds before and in
 * futures, 8 decimals in spot files. The same options give the same bytes with the same Node.
 *
 * A million rows take a few seconds; memory is that of one file's text.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for another kind of dataset, or unless one of `months` and `rows` is given.
 *
 * @example
 * const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
 * await generateKlineArchive({ target, dataset, from: parseInstant('2024-12-01'), months: 2, seed: 1 })
 */
export async function generateKlineArchive(options: GenerateOptions): Promise<GeneratedFile[]> {
  const { target, dataset, seed, cut = 'month', holes = [], level = 1, signal } = options
  const { folder, interval } = layoutOf(dataset)
  const step = intervalMicros(interval)
  const from = intervalStart(interval, options.from)
  const to = endOf(options, from, step)
  const isSpot = dataset.market === 'spot'
  const walk = createKlineWalk(seed, isSpot ? 10_000_000 : 1_000_000)
  const csv = new KlineCsv()
  const files: GeneratedFile[] = []
  for (let at = from; at < to;) {
    signal?.throwIfAborted()
    const period = parsePeriod(cut === 'month' ? monthOf(at) : dayOf(at))
    const end = Math.min(period.to, to)
    csv.start(styleOf(isSpot, period, step))
    let rows = 0
    for (; at < end; at += step) {
      const bar = walk.next()
      if (liesIn(holes, at)) continue
      csv.write(at, bar)
      rows++
    }
    if (rows === 0) continue
    const stem = `${dataset.symbol}-${interval}-${period.label}`
    const bytes = await writeZip([{ name: `${stem}.csv`, bytes: csv.bytes() }], { level })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const key = `${folder}/${cut === 'month' ? 'monthly' : 'daily'}/klines/${dataset.symbol}/${interval}/${stem}.zip`
    await target.put(key, bytes, { signal })
    await target.put(`${key}.CHECKSUM`, Buffer.from(`${sha256}  ${stem}.zip\n`), { signal })
    files.push({ key, period, rows, size: bytes.length, sha256 })
  }
  return files
}

function layoutOf(dataset: DatasetId): { readonly folder: string; readonly interval: FixedInterval } {
  const { market, dataType, interval } = dataset
  const folder = FOLDERS[market]
  const isKnown = folder !== undefined && dataType === 'klines'
  if (isKnown && interval !== undefined && interval !== '1mo') return { folder, interval }
  const name = formatDatasetId(dataset)
  throw new LakeError('BAD_REQUEST', `Only spot and um klines of a constant interval are generated, not ${name}.`, {
    details: { dataset: name },
  })
}

function endOf({ months, rows }: GenerateOptions, from: number, step: number): number {
  if (rows !== undefined && months === undefined) return from + rows * step
  if (months === undefined || rows !== undefined) throw new LakeError('BAD_REQUEST', 'Give either months or rows.')
  let end = intervalStart('1mo', from)
  for (let month = 0; month < months; month++) end = nextIntervalStart('1mo', end)
  return end
}

const SPOT_MICROS = parseInstant('2025-01-01')
const FUTURES_HEADER = parseInstant('2022-05-01')

function styleOf(isSpot: boolean, period: Period, step: number): KlineStyle {
  return {
    hasHeader: !isSpot && period.from >= FUTURES_HEADER,
    microsPerUnit: isSpot && period.from >= SPOT_MICROS ? 1 : 1000,
    step,
    ...(isSpot
      ? { priceDecimals: 8, volumeDecimals: 8, volumeUnits: 5 }
      : { priceDecimals: 2, volumeDecimals: 3, volumeUnits: 3 }),
  }
}

function liesIn(holes: readonly TimeRange[], at: number): boolean {
  return holes.some((hole) => hole.from <= at && at < hole.to)
}
