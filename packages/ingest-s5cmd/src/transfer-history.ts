import { canonicalJson, type ObjectStore, readObject } from '@lake/core'
import type { TransferReport } from './transfer-report.ts'

/** Where the reports of a lake lie; their names sort by time. */
const FOLDER = '_lake/reports/transfers/'

/** So many files a stored report names, those that did not go smoothly first. */
export const STORED_FILES = 10_000

/**
 * Stores a report in the lake, and gives its key.
 *
 * @throws {@link LakeError} as the store does.
 */
export async function saveTransferReport(
  store: ObjectStore,
  report: TransferReport,
  signal?: AbortSignal,
): Promise<string> {
  const key = `${FOLDER}${report.startedAt.replaceAll(':', '')}-${report.id}.json`
  const text = canonicalJson(shortened(report), 1)
  await store.put(key, new TextEncoder().encode(`${text}\n`), { ifAbsent: true, signal })
  return key
}

function shortened(report: TransferReport): TransferReport {
  const byFileOmitted = report.byFile.length - STORED_FILES
  if (byFileOmitted <= 0) return report
  const isSmooth = report.byFile.map(({ state, restated }) => state !== 'failed' && restated === undefined)
  const [smooth, rough] = [true, false].map((kind) => report.byFile.filter((_, index) => isSmooth[index] === kind))
  return { ...report, byFile: [...(rough ?? []), ...(smooth ?? [])].slice(0, STORED_FILES), byFileOmitted }
}

/** How fast runs of one mode were, over those that moved something in that mode alone. */
export interface ModeTrend {
  readonly runs: number
  /** The median. */
  readonly megabytesPerSecond: number
  /** The last run against the median of those before it: 0.1 is 10 % faster. 0 when there is nothing to compare. */
  readonly change: number
}

export interface TransferHistory {
  /** The oldest first. */
  readonly reports: readonly TransferReport[]
  /** Keys of reports that cannot be read. */
  readonly unreadable: readonly string[]
  readonly trend: {
    readonly direct: ModeTrend
    readonly traditional: ModeTrend
    /** How often faster the direct way was than the traditional one, by their medians; absent without both. */
    readonly speedup?: number | undefined
    /** The share of payload that did not pass through this machine, over all reports. */
    readonly bytesKeptOffClient: number
  }
}

export interface TransferHistoryOptions {
  readonly store: ObjectStore
  /** Only so many reports, the newest. */
  readonly last?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The reports of the transfers into a lake, and what they say together.
 *
 * @throws {@link LakeError} as the store does.
 *
 * @example
 * const { reports, trend } = await readTransferHistory({ store, last: 30 })
 * console.log(reports.length, trend.direct.megabytesPerSecond, trend.speedup)
 */
export async function readTransferHistory(options: TransferHistoryOptions): Promise<TransferHistory> {
  const { store, last = Infinity, signal } = options
  const keys: string[] = []
  for await (const { key } of store.list({ prefix: FOLDER, signal })) if (key.endsWith('.json')) keys.push(key)
  const reports: TransferReport[] = []
  const unreadable: string[] = []
  for (const key of keys.slice(-Math.min(last, keys.length))) {
    const report = parseReport(await readObject(store, key, { signal }))
    if (report === undefined) unreadable.push(key)
    else reports.push(report)
  }
  const direct = trendOf(reports, 'direct')
  const traditional = trendOf(reports, 'traditional')
  const moved = sumOf(reports, 'bytesMoved')
  const bytesKeptOffClient = moved === 0 ? 0 : 1 - Math.min(1, sumOf(reports, 'bytesThroughClient') / moved)
  const comparable = direct.runs > 0 && traditional.runs > 0
  const speedup = comparable ? { speedup: direct.megabytesPerSecond / traditional.megabytesPerSecond } : {}
  return { reports, unreadable, trend: { direct, traditional, ...speedup, bytesKeptOffClient } }
}

function sumOf(reports: readonly TransferReport[], name: 'bytesMoved' | 'bytesThroughClient'): number {
  return reports.reduce((total, report) => total + report[name], 0)
}

function trendOf(reports: readonly TransferReport[], mode: 'direct' | 'traditional'): ModeTrend {
  const speeds = reports
    .filter(({ modes }) => modes[mode] > 0 && modes.direct + modes.traditional === modes[mode])
    .map(({ megabytesPerSecond }) => megabytesPerSecond)
  const latest = speeds.at(-1) ?? 0
  const before = median(speeds.slice(0, -1))
  return {
    runs: speeds.length,
    megabytesPerSecond: median(speeds),
    change: before === 0 ? 0 : latest / before - 1,
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

const NUMBERS = ['files', 'bytes', 'bytesMoved', 'seconds', 'megabytesPerSecond', 'requests', 'bytesThroughClient']

function parseReport(bytes: Uint8Array): TransferReport | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isReport(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isReport(value: unknown): value is TransferReport {
  if (!isRecord(value) || !isRecord(value['modes']) || !Array.isArray(value['byFile'])) return false
  const { direct, traditional } = value['modes']
  const numbers = [direct, traditional, ...NUMBERS.map((name) => value[name])]
  return typeof value['id'] === 'string' && numbers.every((number) => typeof number === 'number')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
