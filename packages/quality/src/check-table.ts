import type { Table } from 'apache-arrow'
import { checkColumns, type CheckColumns } from './check-columns.ts'
import { checkedColumns, checkName } from './checked-columns.ts'
import type { Check, Contract, Severity } from './contract.ts'
import { type References, runCheck } from './run-check.ts'
import { floatAt } from './value-at.ts'

/** How many rows a report shows of each check. */
const SHOWN = 10

/** A row that violates a check, with the values that the check looked at; what is null is absent. */
export interface Violation {
  readonly row: number
  /** `ts_event` of the row, epoch microseconds UTC. */
  readonly time: number
  readonly values: Readonly<Record<string, number | string>>
}

/** What a check found. */
export interface CheckResult {
  readonly name: string
  readonly severity: Severity
  /** How many rows violate it. */
  readonly rows: number
  /** The first of them, at most ten. */
  readonly first: readonly Violation[]
}

/** What checks found in a table, as plain JSON. */
export interface QualityReport {
  readonly rows: number
  /** 0 to 100, see {@link checkTable}. */
  readonly score: number
  /** False when a row violates a failing check: such a table must not be published. */
  readonly publishable: boolean
  /** The checks that some row violates, in the order of the contract. */
  readonly violations: readonly CheckResult[]
  /** How many checks were run. */
  readonly checks: number
  /** Checks that could not be run: the table lacks a column, or there is no such reference. */
  readonly skipped: readonly string[]
}

export interface CheckTableOptions {
  /** Tables of other data of the same times, sorted by time, for checks of the kind `near`. */
  readonly references?: References | undefined
  /** How many rows the table should have; fewer lower the score. Default: as many as it has. */
  readonly expectedRows?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at every row of a table for every check of a contract.
 *
 * The score is `100 * completeness * product over the checks of (1 - weight * sqrt(share))`, where share is the part of
 * the rows that violates the check, weight is 1 for a failing check and 0.2 for a warning, and completeness is the rows
 * that are there over those expected, at most 1. It is rounded down to two decimals: 100 means that nothing was found.
 *
 * A check whose column the table lacks is skipped, and named in `skipped`. Rows should be sorted: checks of neighbours
 * (`ascending`, `spike`, `jump`, `stuck`, `near`) look at rows as they stand.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no `ts_event`, a column holds another kind of values, or a custom check names a row
 * that is not there.
 *
 * @example
 * const report = checkTable(klines, contractFor('klines', { interval: '1m' }))
 * if (!report.publishable) console.log(report.violations)
 */
export function checkTable(table: Table, contract: Contract, options: CheckTableOptions = {}): QualityReport {
  const { references = {}, expectedRows = table.numRows, signal } = options
  const columns = checkColumns(table)
  const skipped: string[] = []
  const violations: CheckResult[] = []
  let score = Math.min(1, table.numRows / Math.max(1, expectedRows))
  if (expectedRows === 0) score = 1
  for (const check of contract.checks) {
    signal?.throwIfAborted()
    if (!canRun(check, columns, references)) {
      skipped.push(checkName(check))
      continue
    }
    const result = resultOf(check, columns, references)
    if (result.rows === 0) continue
    violations.push(result)
    const weight = result.severity === 'failing' ? 1 : 0.2
    score *= 1 - weight * Math.sqrt(result.rows / table.numRows)
  }
  return {
    rows: table.numRows,
    score: Math.floor(score * 10_000) / 100,
    publishable: violations.every(({ severity }) => severity !== 'failing'),
    violations,
    checks: contract.checks.length - skipped.length,
    skipped,
  }
}

function canRun(check: Check, columns: CheckColumns, references: References): boolean {
  if (check.check === 'near' && references[check.reference] === undefined) return false
  return checkedColumns(check).every((column) => columns.has(column))
}

function resultOf(check: Check, columns: CheckColumns, references: References): CheckResult {
  const rows: number[] = []
  let count = 0
  runCheck(check, columns, references, (row) => {
    if (count++ < SHOWN) rows.push(row)
  })
  const { severity } = check
  return { name: checkName(check), severity, rows: count, first: rows.map((row) => violationOf(check, columns, row)) }
}

function violationOf(check: Check, columns: CheckColumns, row: number): Violation {
  const values: Record<string, number | string> = {}
  for (const column of checkedColumns(check)) {
    const value = columns.valueAt(column, row)
    if (value !== undefined) values[column] = value
  }
  return { row, time: floatAt(columns.numbers('ts_event'), row), values }
}
