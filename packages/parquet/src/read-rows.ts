import { LakeError, microsOf, rangeContains, rangesOverlap, type TimeRange } from '@lake/core'
import { type DecodedArray, parquetRead, type RowGroup } from 'hyparquet'
import { type ColumnSink, createIntegerSink } from './column-sink.ts'
import type { FileColumn } from './file-columns.ts'
import { COMPRESSORS, type ParquetFile } from './parquet-file.ts'
import { chunkOf, timeRange } from './time-statistics.ts'

/** Rows `[start, end)`, counted from the start of the file. */
export interface Run {
  readonly start: number
  readonly end: number
}

/** What the decoder gave for a column: values and the row of the first. */
export interface DecodedChunk {
  readonly start: number
  readonly values: DecodedArray
}

/** A row group of which rows are wanted: ascending runs that do not touch. */
export interface Selection {
  readonly runs: readonly Run[]
  /** The times, where they had to be read to find the runs. */
  readonly times?: readonly DecodedChunk[] | undefined
}

/** The rows of a file whose `ts_event` lies in the range, all of them without a range; one entry a row group. */
export async function selectRows(
  file: ParquetFile,
  within?: { time: FileColumn; range: TimeRange },
): Promise<Selection[]> {
  const selections: Selection[] = []
  let start = 0
  for (const rowGroup of file.rowGroups) {
    const whole = { start, end: start + rowsOf(rowGroup) }
    start = whole.end
    const selection = within === undefined ? { runs: [whole] } : await selectWithin(file, rowGroup, whole, within)
    if (selection.runs.length > 0) selections.push(selection)
  }
  if (start !== Number(file.metadata.num_rows)) {
    throw new Error(`its row groups have ${start} rows, its footer says ${file.metadata.num_rows}`)
  }
  return selections
}

/** Decodes columns of the rows of a run, which lies in one row group. Only the pages that hold them are read. */
export async function readColumns(
  file: ParquetFile,
  columns: readonly FileColumn[],
  { start, end }: Run,
): Promise<Map<string, DecodedChunk[]>> {
  const decoded = new Map<string, DecodedChunk[]>(columns.map(({ name }) => [name, []]))
  if (start === end || columns.length === 0) return decoded
  for (const column of columns) for (const rowGroup of file.rowGroups) checkCodec(rowGroup, column)
  await parquetRead({
    file: file.buffer,
    metadata: file.metadata,
    columns: [...decoded.keys()],
    rowStart: start,
    rowEnd: end,
    useOffsetIndex: true,
    compressors: COMPRESSORS,
    onChunk: ({ columnName, columnData, rowStart }) => {
      decoded.get(columnName)?.push({ start: rowStart, values: columnData })
    },
  })
  return decoded
}

/** Hands the values of a run to a sink, which gets exactly as many as the run has rows. */
export function putRun(sink: ColumnSink, chunks: readonly DecodedChunk[], run: Run): void {
  let rows = 0
  for (const { start, values } of chunks) {
    const from = Math.max(run.start, start)
    const to = Math.min(run.end, start + values.length)
    if (from >= to) continue
    sink.put(values, from - start, to - start)
    rows += to - from
  }
  if (rows !== run.end - run.start) throw new Error(`a column has ${rows} values for ${run.end - run.start} rows`)
}

async function selectWithin(
  file: ParquetFile,
  rowGroup: RowGroup,
  whole: Run,
  { time, range }: { time: FileColumn; range: TimeRange },
): Promise<Selection> {
  const known = timeRange(rowGroup, time)
  if (known !== undefined && !rangesOverlap(known, range)) return { runs: [] }
  // A time that is null lies in no range, and statistics do not count it.
  if (known !== undefined && !time.nullable && rangeContains(range, known)) return { runs: [whole] }
  const times = (await readColumns(file, [time], whole)).get(time.name) ?? []
  return { runs: runsWithin(times, time, whole, range), times }
}

function runsWithin(chunks: readonly DecodedChunk[], time: FileColumn, whole: Run, range: TimeRange): Run[] {
  const sink = createIntegerSink(time, true, whole.end - whole.start)
  putRun(sink, chunks, whole)
  const { values, nulls } = sink.integers()
  const micros = microsOf(values)
  const runs: Run[] = []
  let start = -1
  for (let row = 0; row <= micros.length; row++) {
    const at = micros[row] ?? Number.NaN
    const inside = at >= range.from && at < range.to && nulls?.[row] !== 1
    if (inside && start < 0) start = row
    if (inside || start < 0) continue
    runs.push({ start: whole.start + start, end: whole.start + row })
    start = -1
  }
  return runs
}

function rowsOf(rowGroup: RowGroup): number {
  const rows = Number(rowGroup.num_rows)
  if (Number.isSafeInteger(rows) && rows >= 0) return rows
  throw new Error(`a row group claims ${rows} rows`)
}

function checkCodec(rowGroup: RowGroup, { name }: FileColumn): void {
  const { codec } = chunkOf(rowGroup, name)
  if (codec === 'SNAPPY' || codec === 'UNCOMPRESSED' || codec in COMPRESSORS) return
  throw new LakeError(
    'UNSUPPORTED',
    `Column '${name}' is compressed with ${codec}; snappy, gzip and none can be read.`,
    {
      details: { column: name, codec },
    },
  )
}
