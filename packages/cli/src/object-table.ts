import type { JsonValue } from '@lake/catalog'
import { textTable } from './text-table.ts'

/** Rows of a query as an aligned table: numbers to the right, null as an empty cell. */
export function objectTable(columns: readonly string[], rows: readonly Readonly<Record<string, JsonValue>>[]): string {
  return textTable(
    rows,
    columns.map((column) => ({
      title: column,
      text: (row) => cellText(row[column]),
      align: rows.every((row) => row[column] === null || typeof row[column] === 'number') ? 'right' : 'left',
    })),
  )
}

/** How a value stands in a cell: a list or an object as JSON. */
export function cellText(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
