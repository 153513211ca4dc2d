import { type Data, DataType, makeData, RecordBatch, Schema, Struct, Table, type TypeMap } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import type { Piece } from './find-runs.ts'
import { runColumn } from './run-column.ts'

export interface JoinPiecesOptions<T extends TypeMap> {
  readonly tables: readonly Table[]
  readonly pieces: readonly Piece[]
  readonly schema: Schema<T>
  /** How many rows the pieces have. */
  readonly rows: number
}

/**
 * A table whose batches are pieces of other tables: numbers stay where they are, words are written anew, since all
 * batches of a table share one dictionary.
 *
 * `undefined` when a table has several batches: its pieces are not whole.
 */
export function joinPieces<T extends TypeMap>(options: JoinPiecesOptions<T>): Table<T> | undefined {
  const { tables, pieces, schema, rows } = options
  if (tables.some(({ batches }) => batches.length > 1)) return undefined
  const wordFields = schema.fields.filter(({ type }: { type: unknown }) => DataType.isDictionary(type))
  const words = buildTable(new Schema<TypeMap>(wordFields), (field) => {
    const writer = runColumn(tables, field).write(rows)
    for (const { part, row, length, at } of pieces) writer.copy(part, row, length, at)
    return writer.values()
  })
  const batches: RecordBatch<T>[] = []
  for (const { part, row, length, at } of pieces) {
    const children: Data[] = []
    for (const { name } of schema.fields) {
      const written = columnOf(words, name)
      const data = written === undefined ? columnOf(tables[part], name)?.slice(row, length) : written.slice(at, length)
      if (data === undefined) return undefined
      children.push(data)
    }
    const type = new Struct<T>(schema.fields)
    batches.push(new RecordBatch<T>(schema, makeData({ type, length, nullCount: 0, children })))
  }
  return new Table<T>(schema, batches)
}

function columnOf(table: Table | undefined, name: string): Data | undefined {
  return table?.getChild(name)?.data[0]
}
