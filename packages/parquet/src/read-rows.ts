import { microsOf, rangeContains, rangesOverlap, type TimeRange } from '@lake/core'
import { type ColumnSink, createIntegerSink, type Integers } from './column-sink.ts'
import { dataPages } from './data-pages.ts'
import { useDecodeMemory } from './decode-memory.ts'
import type { FileColumn } from './file-columns.ts'
import { type Pages, pagesOf, timePages } from './page-places.ts'
import type { PageReader } from './page-reader.ts'
import type { ParquetFile } from './parquet-file.ts'
import { chunkOf, timeRange } from './time-statistics.ts'
import type { Group, Run } from './row-run.ts'
import { FRESH_MEMORY } from './take-memory.ts'

/** A row group and the rows that are wanted of it: ascending runs that do not touch. */
export interface Selection {
  readonly group: Group
  readonly runs: readonly Run[]
  /** The times from `start` on, where they had to be read to find the runs. */
  readonly times?: (Integers & { readonly start: number }) | undefined
}

/** A column to be read, and where its values go. */
export interface ColumnTarget {
  readonly column: FileColumn
  readonly sink: ColumnSink
}

/** The rows of a file whose `ts_event` lies in the range, all of them without a range; one entry a row group. */
export async function selectRows(
  file: ParquetFile,
  within?: { time: FileColumn; range: TimeRange },
): Promise<Selection[]> {
  const selections: Selection[] = []
  for (const group of groupsOf(file)) {
    const selection =
      within === undefined ? { group, runs: [group] } : await selectWithin(file, group, within.time, within.range)
    if (selection.runs.length > 0) selections.push(selection)
  }
  return selections
}

/** Decodes the rows of runs. Only the pages that hold them are read, where the file says which. */
export async function readColumns(
  file: ParquetFile,
  group: Group,
  targets: readonly ColumnTarget[],
  runs: readonly Run[],
): Promise<void> {
  const span = { start: runs[0]?.start ?? 0, end: runs.at(-1)?.end ?? 0 }
  const wanted = await pagesOf(
    file,
    group,
    targets.map(({ column }) => column),
    span,
  )
  const readers = await file.readPages(wanted.map(({ parts }) => parts))
  for (const [nth, { column, sink }] of targets.entries()) {
    const pages = wanted[nth]
    const reader = readers[nth]
    if (pages === undefined || reader === undefined) continue
    await putPages(file, group, { column, sink }, { ...pages, reader }, runs)
  }
}

interface ReadablePages extends Pages {
  readonly reader: PageReader
}

/** Hands the rows of runs to a sink, which gets exactly as many as the runs have. */
async function putPages(
  file: ParquetFile,
  { rowGroup }: Group,
  { column, sink }: ColumnTarget,
  pages: ReadablePages,
  runs: readonly Run[],
): Promise<void> {
  const codec = await file.codec(chunkOf(rowGroup, column.name).codec, column.name)
  let rows = 0
  useDecodeMemory(sink.kernels, () => {
    for (const page of dataPages({ column, checksums: file.checksums, ...pages }, codec)) {
      for (const run of runs) {
        const from = Math.max(run.start, page.start)
        const to = Math.min(run.end, page.start + page.rows)
        if (from >= to) continue
        sink.put(page, from - page.start, to - page.start)
        rows += to - from
      }
    }
  })
  const expected = runs.reduce((sum, { start, end }) => sum + end - start, 0)
  if (rows !== expected) throw new Error(`column '${column.name}' has ${rows} values for ${expected} rows`)
}

// Runs make a few bytes of many equal values; no table of ours comes near this.
const MOST_VALUES = 1 << 24
const MOST_VALUES_OF_BYTE = 4096

/** Memory is taken for what the footer claims, before the pages can prove it: so the claim must be plausible. */
export function checkClaim({ byteLength }: ParquetFile, values: number): void {
  if (values <= MOST_VALUES + byteLength * MOST_VALUES_OF_BYTE) return
  throw new Error(`its ${byteLength} bytes claim to hold ${values} values`)
}

/** The row groups of a file, in order. */
export function groupsOf(file: ParquetFile): Group[] {
  let end = 0
  const groups = file.footer.rowGroups.map((rowGroup, place) => {
    const { rows } = rowGroup
    if (rows < 0) throw new Error(`a row group claims ${rows} rows`)
    const start = end
    end += rows
    return { rowGroup, place, start, end }
  })
  checkClaim(file, end)
  if (end === file.footer.rows) return groups
  throw new Error(`its row groups have ${end} rows, its footer says ${file.footer.rows}`)
}

async function selectWithin(file: ParquetFile, group: Group, time: FileColumn, range: TimeRange): Promise<Selection> {
  const known = timeRange(group.rowGroup, time)
  if (known !== undefined && !rangesOverlap(known, range)) return { group, runs: [] }
  // A time that is null lies in no range, and statistics do not count it.
  if (known !== undefined && !time.nullable && rangeContains(range, known)) return { group, runs: [group] }
  const span = await timePages(file, group, time, range)
  if (span === undefined) return { group, runs: [] }
  const sink = createIntegerSink(time, { rows: span.end - span.start, nullable: true, memory: FRESH_MEMORY })
  await readColumns(file, group, [{ column: time, sink }], [span])
  const times = { ...sink.integers(), start: span.start }
  return { group, runs: runsWithin(times, range), times }
}

function runsWithin({ values, nulls, start: first }: Integers & { start: number }, range: TimeRange): Run[] {
  const micros = microsOf(values)
  const runs: Run[] = []
  let start = -1
  for (let row = 0; row <= micros.length; row++) {
    const at = micros[row] ?? Number.NaN
    const inside = at >= range.from && at < range.to && nulls?.[row] !== 1
    if (inside && start < 0) start = row
    if (inside || start < 0) continue
    runs.push({ start: first + start, end: first + row })
    start = -1
  }
  return runs
}
