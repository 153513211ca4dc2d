import {
  integerValues,
  type Interval,
  intervalMicros,
  intervalStart,
  microsOf,
  nextIntervalStart,
  type TimeRange,
} from '@lake/core'
import type { CertificatePart } from '@lake/quality'
import { resampleBars } from '@lake/resample'
import { barsOfTrades } from './bars-of-trades.ts'
import { firstStart } from './bucket-range.ts'
import type { CertificatePartOptions, PartInputs } from './certificate-part-options.ts'
import { coveredSpan } from './gold-sources.ts'
import { openSilverReader } from './read-silver.ts'

/** Bars that are rebuilt from the trades that the lake holds. */
export async function tradesPart(
  { lake, evidence, signal }: CertificatePartOptions,
  inputs: PartInputs,
): Promise<CertificatePart | undefined> {
  const { dataset, period, trades: source } = evidence
  const { interval: to } = dataset
  if (source === undefined || to === undefined) return undefined
  const contractSize = lake.exchange(dataset.exchange).contractSize?.(dataset)
  const read = { trades: openSilverReader(lake, 'trades'), aggTrades: openSilverReader(lake, 'aggTrades') }
  const table = await barsOfTrades({ source, read, to, range: period, contractSize, signal })
  return { table, inputs, covered: source.files.map(({ span }) => wholeBars(to, span)) }
}

/** Bars that are rebuilt from the finer ones that the lake holds. */
export async function finerPart(
  { lake, evidence, signal }: CertificatePartOptions,
  inputs: PartInputs,
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
