export { type FormatChange, formatChanges, isKnownChange } from './format-fingerprint.ts'
export type { SharedFile } from './own-lines.ts'
export { parseArchiveFile, type ParseFileOptions, type ParseResult } from './parse-archive-file.ts'
export { parseArchive, type ParseOptions } from './parse-archive.ts'
export { type PageTables, parsePageTables } from './pages/parse-page-tables.ts'
export {
  type PageBatch,
  parsePages,
  type PageSeries,
  type PagesReport,
  type ParsePagesOptions,
} from './pages/parse-pages.ts'
export type { ParsedBatch, ParseReport } from './parse-csv.ts'
export { QUARANTINE_SCHEMA, quarantinedRows, quarantineTable, type QuarantineTypes } from './quarantine-table.ts'
export type { QuarantinedRow, QuarantineOptions } from './quarantine.ts'
