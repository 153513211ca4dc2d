/** How the rows of a query can be printed. */
export const SQL_FORMATS = ['table', 'json', 'ndjson', 'csv', 'arrow', 'parquet'] as const

export type SqlFormat = (typeof SQL_FORMATS)[number]

/** True for the formats that are no text. */
export function isBinary(format: SqlFormat): boolean {
  return format === 'arrow' || format === 'parquet'
}
