import { rangesOverlap, type TimeRange } from '@lake/core'
import { type ColumnChunk, readColumnIndex, readOffsetIndex } from 'hyparquet'
import type { FileColumn } from './file-columns.ts'
import { type ParquetFile, PARSERS } from './parquet-file.ts'
import type { Part } from './random-access.ts'
import type { Group, Run } from './row-run.ts'
import { storedToMicros } from './stored-times.ts'
import { chunkOf, metadataOf } from './time-statistics.ts'

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
  const indexes = isNarrow ? await file.read(chunks.map(offsetIndexPart)) : []
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
  const [offsets, bounds] = await file.read([offsetIndexPart(chunk), columnIndexPart(chunk)])
  if (!offsets?.length || !bounds?.length) return group
  const starts = firstRows(offsets, group)
  const {
    min_values: least,
    max_values: greatest,
    null_pages: empty,
  } = readColumnIndex(readerOf(bounds), time.element, PARSERS)
  const inRange = starts.flatMap((start, nth) => {
    const first: unknown = least[nth]
    const last: unknown = greatest[nth]
    if (empty[nth] === true) return []
    const end = starts[nth + 1] ?? group.end
    if (typeof first !== 'bigint' || typeof last !== 'bigint') return [{ start, end }]
    const known = { from: Number(storedToMicros(first, time.unit)), to: Number(storedToMicros(last, time.unit)) + 1 }
    return rangesOverlap(known, range) ? [{ start, end }] : []
  })
  const [first] = inRange
  const last = inRange.at(-1)
  return first && last && { start: first.start, end: last.end }
}

function wholeChunk(chunk: ColumnChunk, { start, end }: Run): Pages {
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size } = metadataOf(chunk)
  // Some writers say 0 for no dictionary, some leave a dictionary's offset out and put it before the data.
  const from = Number(dictionary && dictionary < data ? dictionary : data)
  return { start, end, parts: [{ start: from, end: from + Number(size) }] }
}

function indexedPages(index: Uint8Array, whole: Pages, run: Run): Pages {
  const locations = readOffsetIndex(readerOf(index)).page_locations
  const starts = firstRows(index, whole)
  const pages = locations.map(({ offset, compressed_page_size: size }, nth) => ({
    start: starts[nth] ?? 0,
    end: starts[nth + 1] ?? whole.end,
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

/** The first row of each page, counted from the start of the file. */
function firstRows(index: Uint8Array, { start, end }: Run): number[] {
  const rows = readOffsetIndex(readerOf(index)).page_locations.map(({ first_row_index: row }) => start + Number(row))
  const isAscending = rows.every((row, nth) => row > (rows[nth - 1] ?? -1) && row < end)
  if (isAscending && rows[0] === start) return rows
  throw new Error('an offset index is out of order')
}

function offsetIndexPart({ offset_index_offset: offset, offset_index_length: length }: ColumnChunk): Part {
  return indexPart(offset, length)
}

function columnIndexPart({ column_index_offset: offset, column_index_length: length }: ColumnChunk): Part {
  return indexPart(offset, length)
}

function indexPart(offset: bigint | undefined, length: number | undefined): Part {
  const start = Number(offset ?? 0n)
  return { start, end: start + (offset === undefined ? 0 : (length ?? 0)) }
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
}
