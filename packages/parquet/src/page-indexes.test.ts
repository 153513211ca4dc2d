import { parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet'
import { expect, test } from 'vitest'
import { readFooter } from './read-footer.ts'
import { readPageBounds, readPageLocations } from './page-indexes.ts'
import { sampleFiles } from './testing/sample-files.ts'

test.each(sampleFiles())('the page indexes of a file of %s are those that another reader finds', (_, file) => {
  const end = file.length - 8
  const { rowGroups } = readFooter(file.slice(end - Buffer.from(file).readUInt32LE(end), end))
  for (const [nth, { columns }] of parquetMetadata(file).row_groups.entries()) {
    for (const { meta_data, ...column } of columns) {
      const chunk = rowGroups[nth]?.chunks.get(meta_data?.path_in_schema.join('.') ?? '')
      if (chunk === undefined) continue
      const { offsetIndex, columnIndex } = chunk
      expect(offsetIndex.end > offsetIndex.start).toBe(column.offset_index_offset !== undefined)
      expect(columnIndex.end > columnIndex.start).toBe(column.column_index_offset !== undefined)
      if (column.offset_index_offset !== undefined) {
        const { page_locations: theirs } = readOffsetIndex(readerAt(file, offsetIndex.start))
        expect(readPageLocations(file.subarray(offsetIndex.start, offsetIndex.end))).toEqual(
          theirs.map(({ offset, compressed_page_size: bytes, first_row_index: firstRow }) => {
            return { offset: Number(offset), bytes, firstRow: Number(firstRow) }
          }),
        )
      }
      if (column.column_index_offset === undefined) continue
      // Bytes of no known type are left as they are.
      const theirs = readColumnIndex(readerAt(file, columnIndex.start), { name: '' })
      expect(readPageBounds(file.subarray(columnIndex.start, columnIndex.end))).toEqual({
        least: theirs.min_values,
        greatest: theirs.max_values,
        isEmpty: theirs.null_pages,
      })
    }
  }
})

function readerAt(bytes: Uint8Array, at: number): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset), offset: at }
}
