import { type ArchiveRules, type DatasetId, INTERVALS } from '@lake/core'
import { layoutRules } from '../bucket/layout-rules.ts'

/** Minutes of a bar, as its files are named by: these of the lake's intervals, and no others. */
const MINUTES: ReadonlyMap<string, string> = new Map([
  ['1m', '1'],
  ['5m', '5'],
  ['15m', '15'],
  ['30m', '30'],
  ['1h', '60'],
  ['4h', '240'],
  ['12h', '720'],
  ['1d', '1440'],
])

const intervals = Object.fromEntries(INTERVALS.map((interval) => [interval, MINUTES.get(interval) ?? '']))

/** `XBTUSD_60.csv`; a name with a dot in front is one of the system's own. */
const HISTORY = /^([^._/][^_/]*)_(\d+)\.csv(?:\.gz)?$/

function readName(name: string): DatasetId | undefined {
  const [, symbol, minutes] = HISTORY.exec(name) ?? []
  const interval = INTERVALS.find((one) => MINUTES.get(one) === minutes)
  if (symbol === undefined || interval === undefined) return undefined
  return { exchange: 'kraken', market: 'spot', dataType: 'klines', symbol, interval }
}

function readTime(line: string): number | undefined {
  const seconds = /^(\d{1,11})(?:\.\d*)?,/.exec(line)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000_000
}

/**
 * Kraken's downloadable bars: one file holds all of a pair and interval, and in a lake lies month by month. They are
 * fetched by hand, from a page for people, so there is no place that a program could list.
 */
export const krakenArchive: ArchiveRules = {
  url: 'file:./Kraken_OHLCVT',
  listing: { kind: 'histories', readName, readTime },
  ...layoutRules(
    'kraken',
    [
      {
        path: '{symbol}/{interval}/{symbol}_{interval}_{month}.csv',
        market: 'spot',
        dataType: 'klines',
      },
    ],
    { intervals },
  ),
}
