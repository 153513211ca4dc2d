export { parseArchiveFile, type ParseFileOptions, type ParseResult } from './parse-archive-file.ts'
export { parseArchive, type ParseOptions } from './parse-archive.ts'
export type { ParsedBatch, ParseReport } from './parse-csv.ts'
