import { floatValues, integerValues, type DataType, type LakeTable, microsOf } from '@lake/core'
import { checkName, checkTable } from '@lake/quality'
import type { CrossCheckPair } from './cross-check-pairs.ts'
import type { CrossCheckReport } from './cross-check-report.ts'

/** Compares the rows of a partition with those of the other one at the same times. */
export function crossCheck(
  { dataset, own, reference, check }: CrossCheckPair,
  table: LakeTable<DataType>,
  other: LakeTable<DataType>,
  signal?: AbortSignal,
): CrossCheckReport {
  const { violations } = checkTable(
    table,
    { dataType: dataset.dataType, checks: [{ ...check, severity: 'warning' }] },
    { references: { [check.reference]: other }, signal },
  )
  const [found] = violations
  const { compared, valueAt } = referenceOf(table, other, check.other)
  return {
    crossCheck: 1,
    name: checkName(check),
    limit: check.limit,
    own: { key: own.key, sha256: own.sha256 },
    reference: { key: reference.key, sha256: reference.sha256 },
    compared,
    flagged: found?.rows ?? 0,
    first: (found?.first ?? []).map(({ time, values }) => ({
      time,
      value: Number(values[check.column]),
      reference: valueAt(time),
    })),
  }
}

/** How many rows have one of the same time in the other table, both sorted; and the value of a time there. */
function referenceOf(
  table: LakeTable<DataType>,
  other: LakeTable<DataType>,
  column: string,
): { readonly compared: number; readonly valueAt: (time: number) => number } {
  const times = microsOf(integerValues(table, 'ts_event'))
  const others = microsOf(integerValues(other, 'ts_event'))
  const values = floatValues(other, column)
  let compared = 0
  let at = 0
  for (const time of times) {
    while (at < others.length && (others[at] ?? 0) < time) at++
    if (others[at] === time) compared++
  }
  return { compared, valueAt: (time) => values[others.indexOf(time)] ?? Number.NaN }
}
