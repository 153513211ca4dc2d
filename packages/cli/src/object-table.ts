import { textTable } from './text-table.ts'

/** Rows of a query as an aligned table: numbers to the right, null as an empty cell. */
export function objectTable(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
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
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
