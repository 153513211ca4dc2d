import type { MergeReport } from './merge-report.ts'

/** The report of a merge of nothing. */
export const EMPTY_REPORT: MergeReport = {
  rowsIn: 0,
  rowsOut: 0,
  duplicates: 0,
  conflicts: {},
  filled: {},
  firstConflicts: [],
  inputs: [],
}

/** The report of two merges, of which the second has the later rows, as if they were one. */
export function addReports(a: MergeReport, b: MergeReport, shown: number): MergeReport {
  return {
    rowsIn: a.rowsIn + b.rowsIn,
    rowsOut: a.rowsOut + b.rowsOut,
    duplicates: a.duplicates + b.duplicates,
    conflicts: addCounts(a.conflicts, b.conflicts),
    filled: addCounts(a.filled, b.filled),
    firstConflicts: [...a.firstConflicts, ...b.firstConflicts].slice(0, shown),
    inputs: addInputs(a.inputs, b.inputs),
  }
}

type Counts = Readonly<Record<string, number>>

function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** An input whose rows have several sources may show a further one in a later batch. */
function addInputs(a: MergeReport['inputs'], b: MergeReport['inputs']): MergeReport['inputs'] {
  const sum = [...a]
  for (const input of b) {
    const at = sum.findIndex(({ name, source }) => name === input.name && source === input.source)
    const found = sum[at]
    if (found === undefined) sum.push(input)
    else sum[at] = { ...found, rows: found.rows + input.rows, kept: found.kept + input.kept }
  }
  return sum
}
