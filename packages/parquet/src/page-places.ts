import { rangesOverlap, type TimeRange } from '@lake/core'
import type { FileColumn } from './file-columns.ts'
import type { ColumnChunk } from './file-footer.ts'
import { readPageBounds, readPageLocations } from './page-indexes.ts'
import type { ParquetFile } from './parquet-file.ts'
import type { Part } from './random-access.ts'
import type { Group, Run } from './row-run.ts'
import { boundsOfTimes, chunkOf } from './time-statistics.ts'

/** Rows and the parts of the file that hold them, the dictionary first. */
export interface Pages extends Run {
  readonly parts: readonly Part[]
}

/** Where the rows of a run lie in the file, for each column: its pages where it has an index of them, else all. */
export async function pagesOf(
  file: ParquetFile,
  group: Group,
  columns: readonly FileColumn[],
  run: Run,
): Promise<Pages[]> {
  const chunks = columns.map(({ name }) => chunkOf(group.rowGroup, name))
  const isNarrow = run.start > group.start || run.end < group.end
  const indexes = isNarrow ? await file.read(chunks.map(({ offsetIndex }) => offsetIndex)) : []
  return chunks.map((chunk, nth) => {
    const whole = wholeChunk(chunk, group)
    const index = indexes[nth]
    return index?.length ? indexedPages(index, whole, run) : whole
  })
}

/** The rows of the pages whose times may lie in the range: all of the group where the file does not say more. */
export async function timePages(
  file: ParquetFile,
  group: Group,
  time: FileColumn,
  range: TimeRange,
): Promise<Run | undefined> {
  const chunk = chunkOf(group.rowGroup, time.name)
  const [offsets, bounds] = await file.read([chunk.offsetIndex, chunk.columnIndex])
  if (!offsets?.length || !bounds?.length) return group
  const starts = firstRows(offsets, group)
  const { least, greatest, isEmpty } = readPageBounds(bounds)
  const inRange = starts.flatMap((start, nth) => {
    if (isEmpty[nth] === true) return []
    const end = starts[nth + 1] ?? group.end
    const known = boundsOfTimes(least[nth], greatest[nth], time.unit)
    return known === undefined || rangesOverlap(known, range) ? [{ start, end }] : []
  })
  const [first] = inRange
  const last = inRange.at(-1)
  return first && last && { start: first.start, end: last.end }
}

function wholeChunk({ pages }: ColumnChunk, { start, end }: Run): Pages {
  return { start, end, parts: [pages] }
}

function indexedPages(index: Uint8Array, whole: Pages, run: Run): Pages {
  const starts = firstRows(index, whole)
  const pages = readPageLocations(index).map(({ offset, bytes }, nth) => ({
    start: starts[nth] ?? 0,
    end: starts[nth + 1] ?? whole.end,
    part: { start: offset, end: offset + bytes },
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

/** The first row of each page, counted from the start of the file. */
function firstRows(index: Uint8Array, { start, end }: Run): number[] {
  const rows = readPageLocations(index).map(({ firstRow }) => start + firstRow)
  const isAscending = rows.every((row, nth) => row > (rows[nth - 1] ?? -1) && row < end)
  if (isAscending && rows[0] === start) return rows
  throw new Error('an offset index is out of order')
}
