export type { ArchiveFault, FaultTarget } from './archive-fault.ts'
export { type GeneratedFile, generateKlineArchive, type GenerateOptions } from './generate-kline-archive.ts'
export { type ArchiveServer, serveArchive, type ServedRequest, type ServeOptions } from './serve-archive.ts'
export { writeZip, type ZipMember, type ZipOptions } from './write-zip.ts'
