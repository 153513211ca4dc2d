import { microsOf, rangeContains, rangesOverlap, type TimeRange } from '@lake/core'
import { type ColumnChunk, readOffsetIndex, type RowGroup } from 'hyparquet'
import { type ColumnSink, createIntegerSink } from './column-sink.ts'
import { type DecodedPage, decodePages, type EncodedPages } from './decode-pages.ts'
import type { FileColumn } from './file-columns.ts'
import type { ParquetFile } from './parquet-file.ts'
import type { Part } from './random-access.ts'
import { chunkOf, metadataOf, timeRange } from './time-statistics.ts'

/** Rows `[start, end)`, counted from the start of the file. */
export interface Run {
  readonly start: number
  readonly end: number
}

/** A row group and the rows that are wanted of it: ascending runs that do not touch. */
export interface Selection {
  readonly group: Group
  readonly runs: readonly Run[]
  /** The times, where they had to be read to find the runs. */
  readonly times?: readonly DecodedPage[] | undefined
}

/** A row group and its place in the file. */
interface Group extends Run {
  readonly rowGroup: RowGroup
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

/** Decodes columns of the rows of a run. Only the pages that hold them are read, where the file says which. */
export async function readColumns(
  file: ParquetFile,
  { rowGroup, start, end }: Group,
  columns: readonly FileColumn[],
  run: Run,
): Promise<Map<string, DecodedPage[]>> {
  const chunks = columns.map((column) => ({ column, chunk: chunkOf(rowGroup, column.name) }))
  const narrow = run.start > start || run.end < end
  const indexes = narrow ? await file.read(chunks.map(({ chunk }) => offsetIndexPart(chunk))) : []
  const wanted = chunks.map(({ column, chunk }, nth) => {
    const whole = wholeChunk(chunk, { start, end })
    const index = indexes[nth]
    return { column, chunk: metadataOf(chunk), ...(index?.length ? pagesOf(index, whole, run) : whole) }
  })
  const bytes = await file.read(wanted.flatMap(({ parts }) => parts))
  const decoded = new Map<string, DecodedPage[]>()
  for (const { parts, ...pages } of wanted) {
    const encoded: EncodedPages = { ...pages, bytes: join(bytes.splice(0, parts.length)) }
    decoded.set(pages.column.name, decodePages(encoded))
  }
  return decoded
}

/** Hands the values of a run to a sink, which gets exactly as many as the run has rows. */
export function putRun(sink: ColumnSink, pages: readonly DecodedPage[], run: Run): void {
  let rows = 0
  for (const page of pages) {
    const from = Math.max(run.start, page.start)
    const to = Math.min(run.end, page.start + page.rows)
    if (from >= to) continue
    sink.put(page, from - page.start, to - page.start)
    rows += to - from
  }
  if (rows !== run.end - run.start) throw new Error(`a column has ${rows} values for ${run.end - run.start} rows`)
}

function groupsOf(file: ParquetFile): Group[] {
  let end = 0
  const groups = file.metadata.row_groups.map((rowGroup) => {
    const rows = Number(rowGroup.num_rows)
    if (!Number.isSafeInteger(rows) || rows < 0) throw new Error(`a row group claims ${rows} rows`)
    const start = end
    end += rows
    return { rowGroup, start, end }
  })
  if (end === Number(file.metadata.num_rows)) return groups
  throw new Error(`its row groups have ${end} rows, its footer says ${file.metadata.num_rows}`)
}

async function selectWithin(file: ParquetFile, group: Group, time: FileColumn, range: TimeRange): Promise<Selection> {
  const known = timeRange(group.rowGroup, time)
  if (known !== undefined && !rangesOverlap(known, range)) return { group, runs: [] }
  // A time that is null lies in no range, and statistics do not count it.
  if (known !== undefined && !time.nullable && rangeContains(range, known)) return { group, runs: [group] }
  const times = (await readColumns(file, group, [time], group)).get(time.name) ?? []
  return { group, runs: runsWithin(times, time, group, range), times }
}

function runsWithin(pages: readonly DecodedPage[], time: FileColumn, group: Group, range: TimeRange): Run[] {
  const sink = createIntegerSink(time, true, group.end - group.start)
  putRun(sink, pages, group)
  const { values, nulls } = sink.integers()
  const micros = microsOf(values)
  const runs: Run[] = []
  let start = -1
  for (let row = 0; row <= micros.length; row++) {
    const at = micros[row] ?? Number.NaN
    const inside = at >= range.from && at < range.to && nulls?.[row] !== 1
    if (inside && start < 0) start = row
    if (inside || start < 0) continue
    runs.push({ start: group.start + start, end: group.start + row })
    start = -1
  }
  return runs
}

/** Rows and the parts of the file that hold them, the dictionary first. */
interface Pages extends Run {
  readonly parts: readonly Part[]
}

function wholeChunk(chunk: ColumnChunk, { start, end }: Run): Pages {
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = metadataOf(chunk)
  // Some writers say 0 for no dictionary, some leave a dictionary's offset out and put it before the data.
  const from = Number(dictionary && dictionary < data ? dictionary : data)
  return { start, end, parts: [{ start: from, end: from + Number(size) }] }
}

function offsetIndexPart({ offset_index_offset: offset, offset_index_length: length }: ColumnChunk): Part {
  const start = Number(offset ?? 0n)
  return { start, end: start + (offset === undefined ? 0 : (length ?? 0)) }
}

function pagesOf(index: Uint8Array, whole: Pages, run: Run): Pages {
  const view = new DataView(index.buffer, index.byteOffset, index.byteLength)
  const locations = readOffsetIndex({ view, offset: 0 }).page_locations
  const pages = locations.map(({ offset, compressed_page_size: size, first_row_index: first }, nth) => ({
    start: whole.start + Number(first),
    end: whole.start + Number(locations[nth + 1]?.first_row_index ?? whole.end - whole.start),
    part: { start: Number(offset), end: Number(offset) + size },
  }))
  const wanted = pages.filter(({ start, end }) => start < run.end && end > run.start)
  const [first] = wanted
  const last = wanted.at(-1)
  const [chunk] = whole.parts
  if (first === undefined || last === undefined || chunk === undefined) throw new Error('an offset index lacks pages')
  // Whatever precedes the first page is the dictionary.
  const dictionary = { start: chunk.start, end: pages[0]?.part.start ?? chunk.start }
  return { start: first.start, end: last.end, parts: [dictionary, { start: first.part.start, end: last.part.end }] }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
}
