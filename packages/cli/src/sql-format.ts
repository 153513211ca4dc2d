import type { JsonValue, QueryResult } from '@lake/catalog'
import { writeParquet } from '@lake/parquet'
import { tableToIPC } from 'apache-arrow'
import { cellText, objectTable } from './object-table.ts'
import type { SqlFormat } from './sql-formats.ts'

/**
 * A result as a table for people, a JSON list of objects, one JSON object a line, CSV (RFC 4180), an Arrow IPC stream
 * or a Parquet file.
 */
export function formatResult(result: QueryResult, format: SqlFormat): string | Uint8Array {
  const names = result.columns.map(({ name }) => name)
  switch (format) {
    case 'table':
      return `${objectTable(names, result.objects())}(${result.rows} ${result.rows === 1 ? 'row' : 'rows'})\n`
    case 'json':
      return `${JSON.stringify(result.objects())}\n`
    case 'ndjson':
      return result
        .objects()
        .map((row) => `${JSON.stringify(row)}\n`)
        .join('')
    case 'csv':
      return csv(names, result.objects())
    case 'arrow':
      return tableToIPC(result.toArrow(), 'stream')
    case 'parquet':
      return writeParquet(result.toArrow())
  }
}

function csv(names: readonly string[], rows: readonly Readonly<Record<string, JsonValue>>[]): string {
  const lines = [names, ...rows.map((row) => names.map((name) => cellText(row[name])))]
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('')
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
