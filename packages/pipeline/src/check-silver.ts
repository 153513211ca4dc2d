import {
  type DatasetId,
  DAY_MICROS,
  type DataType,
  formatInstant,
  intervalMicros,
  type LakeTable,
  integerValues,
  periodsIn,
  type TimeRange,
} from '@lake/core'
import type { PartitionQuality, QualityDefect, QualityFinding } from '@lake/ledger'
import { type CheckResult, checkTable, type Contract, findDefects } from '@lake/quality'
import { firstRowAt } from './rows-in-range.ts'
import type { SilverRows } from './silver-rows.ts'

/** The rows of one bronze file. */
export type CheckedInput = Pick<SilverRows, 'source' | 'name' | 'table'>

export interface CheckSilverOptions {
  readonly dataset: DatasetId
  readonly contract: Contract
  /** The period of the partition, and what its inputs claim to cover of it. */
  readonly period: TimeRange
  readonly span: TimeRange
  /** The merged rows. */
  readonly table: LakeTable<DataType>
  /** The rows as each bronze file has them. */
  readonly inputs: () => readonly CheckedInput[]
  /** How many rows are known to be missing. */
  readonly missing: number
  /** How many rows the merge took for doubles. */
  readonly duplicates: number
  /** Whether the venue leaves out bars without trades. */
  readonly omitsEmptyBars: boolean
  readonly signal?: AbortSignal | undefined
}

/** What checks found in a partition. */
export interface CheckedSilver {
  readonly quality: PartitionQuality
  /** Why it must not be published; `undefined` when it may be. */
  readonly reason: string | undefined
}

/**
 * Looks at the merged rows of a partition for what cannot be and what is odd: the checks of its contract, and days
 * that are wrong as a whole. A few scans over typed arrays; a function of the inputs and the contract alone.
 */
export function checkSilver(options: CheckSilverOptions): CheckedSilver {
  const { contract, period, table, missing, signal } = options
  const report = checkTable(table, contract, { expectedRows: table.numRows + missing, signal })
  const quality: PartitionQuality = {
    score: report.score,
    days: rowsByDay(table, period),
    findings: report.violations.map(findingOf),
    defects: defectsOf(options),
  }
  return { quality, reason: report.publishable ? undefined : reasonOf(quality.findings) }
}

function findingOf({ name, severity, rows, first: [first] }: CheckResult): QualityFinding {
  return { name, severity, rows, first: { time: first?.time ?? 0, values: first?.values ?? {} } }
}

function reasonOf(findings: readonly QualityFinding[]): string {
  const failing = findings.filter(({ severity }) => severity === 'failing')
  const parts = failing.map(({ name, rows, first }) => {
    const values = Object.entries(first.values).map(([column, value]) => `${column} ${value}`)
    const where = [formatInstant(first.time), ...values].join(', ')
    return `${rows === 1 ? '1 row fails' : `${rows} rows fail`} the check ${name}, the first at ${where}`
  })
  return `${parts.join('; ')}.`
}

function rowsByDay(table: LakeTable<DataType>, { from, to }: TimeRange): number[] {
  const times = integerValues(table, 'ts_event')
  const days = Array.from({ length: Math.ceil((to - from) / DAY_MICROS) }, (_, day) => from + day * DAY_MICROS)
  return days.map((start) => firstRowAt(times, start + DAY_MICROS) - firstRowAt(times, start))
}

function defectsOf({ dataset, span, table, inputs, duplicates, omitsEmptyBars }: CheckSilverOptions): QualityDefect[] {
  const { interval } = dataset
  const length = interval === undefined ? undefined : intervalMicros(interval)
  if (interval === undefined || length === undefined || interval === '1mo' || length >= DAY_MICROS) return []
  const range = wholeDays(span)
  if (range === undefined) return []
  const defects = findDefects(table, { interval, range, omitsEmptyBars }).map(plainDefect)
  if (duplicates === 0) return defects
  // Merged rows stand once, so days that stand twice or reach into the next are looked for in each file.
  const ofFiles = inputs().flatMap(({ source, name, table: rows }) => {
    if (source !== 'archive') return []
    return findDefects(rows, { interval, range, omitsEmptyBars })
      .filter(({ defect }) => defect === 'doubled' || defect === 'shifted')
      .map(({ day, defect, because }) => ({ day, defect, because: `${because} In ${name}.` }))
  })
  // What a shifted day lacks at its start says the same once more.
  const shifted = new Set(ofFiles.filter(({ defect }) => defect === 'shifted').map(({ day }) => day))
  const others = defects.filter(({ day }) => !shifted.has(day))
  return [...others, ...ofFiles].sort((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)))
}

function plainDefect({ day, defect, because }: QualityDefect): QualityDefect {
  return { day, defect, because }
}

/** The whole UTC days of a range; `undefined` when there is none. */
function wholeDays({ from, to }: TimeRange): TimeRange | undefined {
  const days = periodsIn('day', { from, to }).filter((day) => day.from >= from && day.to <= to)
  const [first] = days
  const last = days.at(-1)
  return first === undefined || last === undefined ? undefined : { from: first.from, to: last.to }
}
