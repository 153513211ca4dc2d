import { integerValues, LakeError, nullFlags } from '@lake/core'
import type { Table } from 'apache-arrow'
import { checkColumns, type CheckColumns } from './check-columns.ts'
import { checkAscending, checkJumps, checkNear, checkSpikes, checkStuck } from './check-neighbours.ts'
import {
  checkBounds,
  checkCloseTimes,
  checkGrid,
  checkOhlc,
  checkOrdered,
  checkProduct,
  checkShortBars,
  checkTogether,
  checkVwap,
  type Mark,
} from './check-rows.ts'
import type { Check } from './contract.ts'
import { codeAt } from './value-at.ts'

/** Tables of other data, by the name that a contract gives them. */
export type References = Readonly<Record<string, Table>>

/** Calls `mark` with each row that violates a check. Its columns and its reference must be at hand. */
export function runCheck(check: Check, columns: CheckColumns, references: References, mark: Mark): void {
  const of = (column: string): Float64Array => columns.numbers(column)
  switch (check.check) {
    case 'ascending':
      checkAscending(
        {
          values: integerValues(columns.table, check.column),
          nulls: nullFlags(columns.table, check.column),
          isStrict: check.strict === true,
        },
        mark,
      )
      return
    case 'bounds': {
      const { above = Number.NaN, min = Number.NaN, max = Number.NaN } = check
      checkBounds(check.columns.map(of), { above, min, max }, mark)
      return
    }
    case 'ordered':
      checkOrdered(of(check.lower), of(check.upper), check.tolerance ?? 0, mark)
      return
    case 'ohlc':
      checkOhlc({ open: of('open'), high: of('high'), low: of('low'), close: of('close') }, mark)
      return
    case 'vwap': {
      const { tolerance, contractSize } = check
      const [volume, quote] = [of('volume'), of('quote_volume')]
      checkVwap({ high: of('high'), low: of('low'), volume, quote, tolerance, contractSize }, mark)
      return
    }
    case 'product': {
      const { left, right, product, tolerance } = check
      checkProduct({ left: of(left), right: of(right), product: of(product), tolerance }, mark)
      return
    }
    case 'together':
      checkTogether(check.columns.map(of), mark)
      return
    case 'words':
      checkWords(columns, check.column, check.allowed, mark)
      return
    case 'grid':
      checkGrid(of('ts_event'), check.interval, mark)
      return
    case 'close-time':
      // No spread: objects of other shapes each time would have the loop compiled anew for every table.
      checkCloseTimes({ open: of('ts_event'), close: of('close_time'), interval: check.interval }, mark)
      return
    case 'short-bar':
      checkShortBars({ open: of('ts_event'), close: of('close_time'), interval: check.interval }, mark)
      return
    case 'spike':
      checkSpikes(of(check.column), check.limit, mark)
      return
    case 'jump':
      checkJumps(of(check.column), check.limit, mark)
      return
    case 'stuck': {
      const unless = check.unless === undefined ? undefined : of(check.unless)
      checkStuck({ values: of(check.column), unless, rows: check.rows }, mark)
      return
    }
    case 'near': {
      const reference = references[check.reference]
      if (reference === undefined) return
      const referenceValues = checkColumns(reference).numbers(check.other)
      const { limit } = check
      checkNear({ times: of('ts_event'), values: of(check.column), reference, referenceValues, limit }, mark)
      return
    }
    default:
      for (const row of check.test(columns.table)) mark(knownRow(row, columns.rows, check.name))
  }
}

function checkWords(columns: CheckColumns, column: string, allowed: readonly string[], mark: Mark): void {
  const { codes, words } = columns.words(column)
  const isForbidden = words.map((word) => !allowed.includes(word))
  if (!isForbidden.includes(true)) return
  for (let row = 0; row < codes.length; row++) if (isForbidden[codeAt(codes, row)] === true) mark(row)
}

function knownRow(row: number, rows: number, name: string): number {
  if (Number.isInteger(row) && row >= 0 && row < rows) return row
  throw new LakeError('BAD_REQUEST', `The check '${name}' names row ${row} of a table of ${rows} rows.`, {
    details: { check: name, row, rows },
  })
}
