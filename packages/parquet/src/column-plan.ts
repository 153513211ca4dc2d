import type { ColumnMemory } from '@lake/core'
import { columnKind, type ColumnKind } from './column-kind.ts'
import { type ColumnPart, partsOf, wholeColumn } from './column-parts.ts'
import type { ColumnTask, SelectedRuns } from './column-task.ts'
import { TableMemory } from './table-memory.ts'
import type { WantedColumn } from './wanted-columns.ts'

/** How threads shall read a column. */
export interface ColumnPlan {
  readonly parts: readonly ColumnPart[]
  /** One a part. */
  readonly tasks: readonly ColumnTask[]
  /** Where kernels find the room of the whole column, and the memory that it lies in; `undefined` where they do not. */
  readonly place: { readonly buffer: ArrayBufferLike; readonly at: number } | undefined
}

/** Takes room for a column, and cuts it into parts where they can lie one behind the other. */
export function planColumn(
  { column: { name }, field }: WantedColumn,
  selections: readonly SelectedRuns[],
  rows: number,
  memory: ColumnMemory | TableMemory | undefined,
): ColumnPlan {
  const kind = columnKind(field)
  const width = VALUE_BYTES[kind]
  const room = memory?.take(width * rows)
  const place = room instanceof ArrayBuffer || room?.at === undefined ? undefined : { buffer: room.buffer, at: room.at }
  const parts = place !== undefined && width === 8 ? partsOf(selections, rows) : [wholeColumn(selections, rows)]
  const isPart = parts.length > 1
  const tasks = parts.map(({ from, to, start, rows }) => ({
    column: name,
    kind,
    nullable: field.nullable,
    from,
    to,
    rows,
    room: room instanceof ArrayBuffer ? room : place && place.at + width * start,
    isPart,
  }))
  return { parts, tasks, place }
}

const VALUE_BYTES: Readonly<Record<ColumnKind, number>> = {
  time: 8,
  integer: 8,
  float: 8,
  decimal: 16,
  text: 4,
  flag: 1,
}
